/** @file The queue, one badge a network, in order. */

import { Badge, Group } from '@mantine/core';
import { NETWORKS } from '../../domain/network';
import type { QueueItem } from '../../state/training-store';

const STATES: Record<QueueItem['state'], { word: string; colour: string }> = {
  waiting: { word: 'waiting', colour: 'gray' },
  running: { word: 'running', colour: 'lagoon' },
  finished: { word: 'finished', colour: 'teal' },
  stopped: { word: 'stopped', colour: 'orange' },
  failed: { word: 'failed', colour: 'red' },
  dropped: { word: 'taken off', colour: 'gray' },
};

interface QueueChipsProps {
  queue: QueueItem[];
  /** The one that is running is. */
  paused: boolean;
}

export function QueueChips({ queue, paused }: QueueChipsProps) {
  if (queue.length === 0) return null;
  return (
    <Group gap="xs" component="ol" role="list" aria-label="Queue" m={0} p={0} style={{ listStyle: 'none' }}>
      {queue.map(({ runId, recipe, state }) => (
        <li key={runId}>
          <Badge size="lg" variant="light" color={STATES[state].colour} tt="none" fw={500}>
            {NETWORKS[recipe.network].name}: {paused && state === 'running' ? 'paused' : STATES[state].word}
          </Badge>
        </li>
      ))}
    </Group>
  );
}
