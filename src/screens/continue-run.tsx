/** @file The button that continues a run from its last checkpoint, with the sentence why it cannot. */

import { Button, Stack, Text } from '@mantine/core';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import type { RunRecord } from '../domain/run';
import { useTraining } from '../state/studio-context';

interface ContinueRunProps {
  /** One that can be continued. */
  record: RunRecord;
  /** Called when it is in the queue. */
  onContinued?: () => void;
}

export function ContinueRun({ record: { id }, onContinued }: ContinueRunProps) {
  const isBeingOpened = useTraining((state) => state.continuing === id);
  const refusal = useTraining(({ notContinued }) => (notContinued?.runId === id ? notContinued.sentence : null));
  const waits = useTraining(({ queue }) => queue.items.some((item) => item.id === id && item.failure === null));
  const continueRun = useTraining((state) => state.continueRun);
  if (waits) {
    return (
      <Text size="xs" c="dimmed">
        waits in the queue
      </Text>
    );
  }
  return (
    <Stack gap={4} align="flex-start">
      <Button
        size="xs"
        variant="light"
        leftSection={<IconPlayerTrackNext size={16} />}
        loading={isBeingOpened}
        onClick={async () => {
          if (await continueRun(id)) onContinued?.();
        }}
      >
        Continue run
      </Button>
      {refusal !== null && (
        <Text size="xs" c="var(--mantine-color-error)" maw={420} className="thorax-breakable" role="alert">
          {refusal}
        </Text>
      )}
    </Stack>
  );
}
