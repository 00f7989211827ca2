/** @file The pretrained files that the chosen networks need: which are here, downloading the others, and where to drop them. */

import { Anchor, Badge, Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { IconDownload, IconFileUpload } from '@tabler/icons-react';
import { NETWORKS, type NetworkId } from '../../domain/network';
import { useDraft, useWeights } from '../../state/studio-context';
import { DropRegion } from '../../ui/drop-region';
import { formatMegabytes } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';

export function WeightsPanel() {
  const selected = useDraft((state) => state.selected);
  const random = useDraft((state) => state.startFromRandomWeights);
  const { statuses, importing, outcomes, importFiles } = useWeights((state) => state);
  const needed = random ? [] : (statuses ?? []).filter(({ network }) => selected.includes(network));
  if (needed.length === 0) return null;

  const problems = outcomes.filter(({ ok }) => !ok).map(({ sentence }) => sentence);
  const successes = outcomes.filter(({ ok }) => ok).map(({ sentence }) => sentence);
  return (
    <Panel title="Pretrained weights">
      <Stack gap="sm">
        {needed.map(({ network, fileName, url, present }) => (
          <Group key={network} justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
            <Stack gap={0} miw={0}>
              <Text size="sm" fw={500}>
                {NETWORKS[network].name}
              </Text>
              <Text size="xs" c="dimmed" ff="monospace" className="thorax-breakable">
                {fileName}
              </Text>
              {!present && (
                <Anchor href={url} target="_blank" rel="noreferrer" size="xs" className="thorax-breakable">
                  {url}
                </Anchor>
              )}
            </Stack>
            <Group gap="xs" style={{ flex: 'none' }}>
              {!present && <DownloadButton network={network} />}
              <Badge variant="light" color={present ? 'teal' : 'orange'}>
                {present ? 'Here' : 'Missing'}
              </Badge>
            </Group>
          </Group>
        ))}
        {needed.map(({ network }) => (
          <DownloadState key={network} network={network} />
        ))}
        <DropRegion label="Drop weights files" onDrop={(transfer) => void importFiles([...transfer.files])}>
          <Stack gap="xs" align="center">
            <Text size="sm" ta="center">
              Drop the file here: Keras’ own, or any .h5, .weights.h5 or .keras of this network
            </Text>
            <Text size="xs" c="dimmed" ta="center">
              Of a whole model the base is used. Its head is left out: a new one is trained.
            </Text>
            <FileButton accept=".h5,.hdf5,.keras" multiple onChange={(files) => void importFiles(files)}>
              {(props) => (
                <Button
                  {...props}
                  variant="default"
                  size="xs"
                  leftSection={<IconFileUpload size={16} />}
                  loading={importing !== null}
                >
                  Choose weights file
                </Button>
              )}
            </FileButton>
            {importing && (
              <Text size="xs" c="dimmed" className="thorax-breakable">
                Checking {importing}
              </Text>
            )}
          </Stack>
        </DropRegion>
        {problems.length > 0 && <SentenceAlert title="This file was not taken" sentences={problems} tone="problem" />}
        {successes.length > 0 && <SentenceAlert title="Taken in" sentences={successes} tone="notice" />}
      </Stack>
    </Panel>
  );
}

function DownloadButton({ network }: { network: NetworkId }) {
  const download = useWeights((state) => state.download);
  const going = useWeights((state) => state.downloads[network] !== undefined);
  const failed = useWeights((state) => state.downloadFailures[network] !== undefined);
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={<IconDownload size={14} />}
      loading={going}
      aria-label={`${failed ? 'Retry' : 'Download'} ${NETWORKS[network].name} weights`}
      onClick={() => void download(network)}
    >
      {failed ? 'Retry' : 'Download'}
    </Button>
  );
}

function DownloadState({ network }: { network: NetworkId }) {
  const progress = useWeights((state) => state.downloads[network]);
  const failure = useWeights((state) => state.downloadFailures[network]);
  const { name } = NETWORKS[network];
  if (failure) return <SentenceAlert title={`${name} was not downloaded`} sentences={[failure]} tone="problem" />;
  if (!progress) return null;
  const { doneBytes, totalBytes } = progress;
  return (
    <Stack gap={6}>
      <Text size="xs">
        {name}: {formatMegabytes(doneBytes)} of {formatMegabytes(totalBytes)}
      </Text>
      <Progress
        value={totalBytes > 0 ? (doneBytes / totalBytes) * 100 : 0}
        aria-label={`Downloading ${name} weights`}
      />
    </Stack>
  );
}
