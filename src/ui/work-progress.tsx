/** @file A progress bar with what is going on, how far it is and how long it will take. */

import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { formatCount, formatDuration } from './format';

interface WorkProgressProps {
  /** What is being done; names the progress bar. */
  label: string;
  done: number;
  total: number | null;
  timeLeftMs: number | null;
  /** Ends the work; without it there is no button. */
  onCancel?: () => void;
}

export function WorkProgress({ label, done, total, timeLeftMs, onCancel }: WorkProgressProps) {
  const percent = total ? Math.min(100, (done / total) * 100) : 100;
  const amount = total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {label}: {amount}
        </Text>
        <Group gap="sm">
          {timeLeftMs !== null && (
            <Text size="sm" c="dimmed">
              about {formatDuration(timeLeftMs)} left
            </Text>
          )}
          {onCancel && (
            <Button variant="default" size="compact-xs" onClick={onCancel}>
              Cancel
            </Button>
          )}
        </Group>
      </Group>
      <Progress value={percent} animated={total === null} aria-label={label} />
    </Stack>
  );
}
