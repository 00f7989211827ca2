/** @file The waiting items of the queue, in order, with buttons to move, remove and continue. */

import { ActionIcon, Box, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlayerTrackNext, IconX } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { NETWORKS } from '../../domain/network';
import type { QueueItem } from '../../domain/queue';
import { useDataset, useRuns, useTraining } from '../../state/studio-context';
import { ancestorWords } from '../../ui/run-words';
import classes from './queue-list.module.css';
import { recipeFacts } from './recipe-facts';

export function QueueList() {
  const { state, items, unreadable, datasetIds } = useTraining(({ queue }) => queue);
  const active = useTraining(({ active }) => active);
  const continueQueue = useTraining((training) => training.continueQueue);
  const openId = useDataset(({ summary }) => summary?.id ?? null);
  const isOpen = ({ dataset }: QueueItem) => dataset.id === openId || datasetIds.includes(dataset.id);
  if (items.length === 0 && unreadable === 0 && state !== 'elsewhere') return null;
  return (
    <Stack gap="xs">
      {items.length > 0 && (
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={500}>
            {active || state === 'elsewhere' ? 'Next in the queue' : 'The queue is held'}
          </Text>
          {!active && state === 'held' && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerTrackNext size={16} />}
              disabled={!items.some(isOpen)}
              onClick={() => void continueQueue()}
            >
              Continue queue
            </Button>
          )}
        </Group>
      )}
      {state === 'elsewhere' && (
        <Text size="sm" c="dimmed">
          Another tab is training. Two at once would not fit into memory.
        </Text>
      )}
      {items.length > 0 && <WaitingRuns items={items} isOpen={isOpen} />}
      {unreadable > 0 && (
        <Text size="sm" c="dimmed">
          {unreadable === 1 ? '1 waiting run' : `${unreadable} waiting runs`} cannot be read by this version and{' '}
          {unreadable === 1 ? 'is left as it is.' : 'are left as they are.'}
        </Text>
      )}
    </Stack>
  );
}

interface WaitingRunsProps {
  items: QueueItem[];
  isOpen: (item: QueueItem) => boolean;
}

function WaitingRuns({ items, isOpen }: WaitingRunsProps) {
  const moveItem = useTraining((state) => state.moveItem);
  const removeItem = useTraining((state) => state.removeItem);
  const records = useRuns((state) => state.records);
  const list = useRef<HTMLOListElement>(null);
  const pressed = useRef<HTMLElement | null>(null);

  // A button loses the focus when its row is moved or removed; it is given back for use by keyboard.
  useLayoutEffect(() => {
    if (items.length === 0 || !pressed.current || document.activeElement !== document.body) return;
    (pressed.current.isConnected ? pressed.current : list.current)?.focus();
  }, [items]);

  const button = (label: string, icon: React.ReactNode, enabled: boolean, act: () => void) => (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      aria-disabled={!enabled}
      data-disabled={!enabled || undefined}
      onClick={({ currentTarget }) => {
        pressed.current = currentTarget;
        if (enabled) act();
      }}
    >
      {icon}
    </ActionIcon>
  );

  return (
    <Box component="ol" ref={list} role="list" aria-label="Queue" tabIndex={-1} className={classes.list}>
      {items.map((item, index) => {
        const { name } = NETWORKS[item.recipe.network];
        const place = `place ${index + 1} of ${items.length}`;
        return (
          <li key={item.id} className={classes.item}>
            <div className={classes.words}>
              <Text size="sm" fw={500} span>
                {name}
              </Text>{' '}
              <Text size="sm" c="dimmed" span className="thorax-numbers">
                {factsOf(item)}
              </Text>
              {item.ancestor && (
                <Text size="xs" c="dimmed" className="thorax-breakable">
                  {ancestorWords(item.ancestor, records, item.dataset.name)}
                </Text>
              )}
              {item.failure && (
                <Text size="xs" c="var(--mantine-color-error)" className="thorax-breakable">
                  Could not be started: {item.failure}
                </Text>
              )}
              {!isOpen(item) && (
                <Text size="xs" c="dimmed" className="thorax-breakable">
                  waits for the dataset {item.dataset.name}: open it again
                </Text>
              )}
            </div>
            <Group gap={2} wrap="nowrap">
              {button(`Move ${name} up, ${place}`, <IconArrowUp size={16} />, index > 0, () => {
                void moveItem(item.id, index - 1);
              })}
              {button(`Move ${name} down, ${place}`, <IconArrowDown size={16} />, index < items.length - 1, () => {
                void moveItem(item.id, index + 1);
              })}
              {button(`Remove ${name} from the queue, ${place}`, <IconX size={16} />, true, () => {
                void removeItem(item.id);
              })}
            </Group>
          </li>
        );
      })}
    </Box>
  );
}

function factsOf({ recipe, group }: QueueItem): string {
  const facts = recipeFacts(recipe);
  if (group) facts.push(group.name);
  if (group && group.fold !== null) facts.push(`fold ${group.fold}`);
  return facts.length > 0 ? facts.join(', ') : 'the notebook’s recipe';
}
