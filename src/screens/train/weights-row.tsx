/** @file The pretrained file of one network: what is kept, or how to get it. */

import { Anchor, Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import { NETWORKS, type NetworkId } from '../../domain/network';
import type { KeptFile, WeightsStatus } from '../../domain/protocol';
import { useWeights } from '../../state/studio-context';
import { ConfirmRemoval } from '../../ui/confirm-removal';
import { formatMegabytes } from '../../ui/format';
import { SentenceAlert } from '../../ui/sentence-alert';
import { keptNote, keptWords, removalWords } from './weights-words';

interface WeightsRowProps {
  status: WeightsStatus;
  /** A ticked network starts from it. */
  needed: boolean;
}

export function WeightsRow({ status, needed }: WeightsRowProps) {
  const { network, fileName, url, present, kept } = status;
  const { name } = NETWORKS[network];
  const note = present ? keptNote(status) : null;
  const removeFailure = useWeights((state) => state.removeFailures[network]);
  const dismissRemoveFailure = useWeights((state) => state.dismissRemoveFailure);
  return (
    <Stack gap={6} role="group" aria-label={`${name} weights file`}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={500}>
            {name}
          </Text>
          {present && (
            <Badge variant="light" color="teal">
              Here
            </Badge>
          )}
          {!present && (
            <Badge variant="light" color={needed ? 'orange' : 'gray'}>
              {needed ? 'Missing' : 'Not here'}
            </Badge>
          )}
        </Group>
        {kept ? <RemoveButton network={network} kept={kept} /> : <DownloadButton network={network} />}
      </Group>
      <Stack gap={0}>
        <Text size="xs" c="dimmed" ff="monospace" className="thorax-breakable">
          {kept ? keptWords(kept) : fileName}
        </Text>
        {note && (
          <Text size="xs" c="dimmed" className="thorax-breakable">
            {note}
          </Text>
        )}
        {!present && needed && (
          <Anchor href={url} target="_blank" rel="noreferrer" size="xs" className="thorax-breakable">
            {url}
          </Anchor>
        )}
      </Stack>
      <DownloadState network={network} />
      {removeFailure && (
        <SentenceAlert
          title="This file was not removed"
          sentences={[removeFailure]}
          tone="problem"
          onClose={() => dismissRemoveFailure(network)}
        />
      )}
    </Stack>
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

function RemoveButton({ network, kept }: { network: NetworkId; kept: KeptFile }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useWeights((state) => state.remove);
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconTrash size={14} />}
        aria-label={`Remove ${NETWORKS[network].name} weights`}
        onClick={open}
      >
        Remove
      </Button>
      <ConfirmRemoval
        opened={opened}
        onClose={close}
        title="Remove this weights file?"
        text={removalWords(network, kept)}
        verb="Remove"
        onConfirm={() => void remove(network)}
      />
    </>
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
