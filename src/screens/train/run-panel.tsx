/** @file The controls of training, the queue, and how far the run is. */

import { Group, Stack, Text } from '@mantine/core';
import { useDataset, useRuns, useTraining } from '../../state/studio-context';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { SyntheticBadge } from '../../ui/synthetic-badge';
import { LiveProgress } from './live-progress';
import { QueueChips } from './queue-chips';
import { RunControls } from './run-controls';
import { trainedDataset } from './trained-runs';

export function RunPanel() {
  const refusal = useTraining((state) => state.refusal);
  const notice = useTraining((state) => state.notice);
  const queue = useTraining((state) => state.queue);
  const active = useTraining((state) => state.active);
  const paused = useTraining((state) => state.live?.paused ?? false);
  const notStored = useTraining((state) => state.live?.notStored ?? null);
  const record = useTraining((state) => state.live?.record ?? null);
  const records = useRuns((state) => state.records);
  const open = useDataset((state) => state.summary);
  const dataset = trainedDataset({ active, queue, live: { record } }, records) ?? open;
  const failures = queue.filter(({ sentence }) => sentence !== null);
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
        {refusal && (
          <SentenceAlert
            title={refusal.kind === 'busy' ? 'Already running' : 'This cannot start yet'}
            sentences={refusal.sentences}
            tone={refusal.kind === 'busy' ? 'notice' : 'problem'}
          />
        )}
        {notice && <SentenceAlert title="About this training" sentences={[notice]} tone="notice" />}
        <QueueChips queue={queue} paused={paused} />
        {failures.map(({ runId, sentence }) => (
          <SentenceAlert key={runId} title="A run failed" sentences={sentence ? [sentence] : []} tone="problem" />
        ))}
        {notStored && <SentenceAlert title="Not stored" sentences={[notStored]} tone="problem" />}
        <LiveProgress />
      </Stack>
    </Panel>
  );
}
