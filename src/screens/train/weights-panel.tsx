/** @file The pretrained files: which are kept and which the ticked networks need, and where to drop them. */

import { Button, FileButton, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useDraft, useWeights } from '../../state/studio-context';
import { DropRegion } from '../../ui/drop-region';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { WeightsRow } from './weights-row';
import { weightsNote } from './weights-words';

export function WeightsPanel() {
  const selected = useDraft((state) => state.selected);
  const random = useDraft((state) => state.startFromRandomWeights);
  const { statuses, loadFailure, importing, outcomes, importFiles } = useWeights((state) => state);
  const note = statuses && weightsNote(statuses, selected, random);

  const problems = outcomes.filter(({ ok }) => !ok).map(({ sentence }) => sentence);
  const successes = outcomes.filter(({ ok }) => ok).map(({ sentence }) => sentence);
  return (
    <Panel title="Pretrained weights">
      {loadFailure && <SentenceAlert title="About the kept files" sentences={[loadFailure]} tone="problem" />}
      {note && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
      {statuses?.map((status) => (
        <WeightsRow key={status.network} status={status} needed={!random && selected.includes(status.network)} />
      ))}
      <DropRegion label="Drop weights files" onDrop={(transfer) => void importFiles([...transfer.files])}>
        <Stack gap="xs" align="center">
          <Text size="sm" ta="center">
            Drop a file here: Keras’ own, or any .h5, .weights.h5 or .keras of one of these networks
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
    </Panel>
  );
}
