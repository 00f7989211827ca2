/** @file The controls of training, the queue, and the progress of the run. */

import { Group, Stack, Text } from '@mantine/core';
import { canContinue } from '../../domain/recovery';
import type { LiveRun } from '../../state/live-run';
import { useDataset, useLiveRecord, useRuns, useTraining } from '../../state/studio-context';
import type { TrainingState } from '../../state/training-store';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { SyntheticBadge } from '../../ui/synthetic-badge';
import { ContinueRun } from '../continue-run';
import { LiveProgress } from './live-progress';
import { QueueList } from './queue-list';
import { RunControls } from './run-controls';
import { trainedDataset } from './trained-runs';

export function RunPanel() {
  const refusal = useTraining((state) => state.refusal);
  const notice = useTraining((state) => state.notice);
  const failures = useTraining((state) => state.failures);
  const active = useTraining((state) => state.active);
  const notStored = useTraining((state) => state.live?.notStored ?? null);
  const checkpointNotStored = useTraining((state) => state.live?.checkpointNotStored ?? null);
  const restored = useTraining((state) => state.live?.restored ?? null);
  const record = useLiveRecord();
  const collapse = record?.collapse;
  const isGoing = record?.status === 'running';
  const item = useTraining((state) => state.live?.item ?? null);
  const waiting = useTraining((state) => state.queue.items);
  const open = useDataset((state) => state.summary);
  const dataset = trainedDataset({ active, live: item && { item }, waiting }) ?? open;
  return (
    <Panel
      title="Training"
      aside={
        dataset && (
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Text size="sm" c="dimmed" truncate>
              {dataset.name}
            </Text>
            {dataset.synthetic && <SyntheticBadge />}
          </Group>
        )
      }
    >
      <Stack gap="md">
        <RunControls />
        {refusal && <SentenceAlert title="This cannot start yet" sentences={refusal} tone="problem" />}
        {notice && <SentenceAlert title="About this training" sentences={[notice]} tone="notice" />}
        {failures.map((failure) => (
          <RunFailure key={failure.runId} {...failure} />
        ))}
        {restored && <SentenceAlert title="Continued" sentences={restoredSentences(restored)} tone="notice" />}
        {checkpointNotStored && (
          <SentenceAlert title="Checkpoint not stored" sentences={[checkpointNotStored]} tone="problem" />
        )}
        {notStored && <SentenceAlert title="Not stored" sentences={[notStored]} tone="problem" />}
        {collapse && (
          <SentenceAlert
            title="This run seems to learn nothing"
            sentences={isGoing ? [collapse, 'The run goes on; Stop ends it.'] : [collapse]}
            tone="problem"
          />
        )}
        <LiveProgress />
        <QueueList />
      </Stack>
    </Panel>
  );
}

function RunFailure({ runId, sentence }: TrainingState['failures'][number]) {
  const record = useRuns(({ records }) => records.find(({ id }) => id === runId) ?? null);
  return (
    <SentenceAlert title="A run failed" sentences={[sentence]} tone="problem">
      {record && canContinue(record) && <ContinueRun record={record} />}
    </SentenceAlert>
  );
}

function restoredSentences({ epoch, step, notes }: NonNullable<LiveRun['restored']>): string[] {
  const inside = step === 0 ? '' : `, batch ${step} of the next`;
  return [`The run goes on from its checkpoint after epoch ${epoch}${inside}.`, ...notes];
}
