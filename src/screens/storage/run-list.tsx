/** @file The list `Stored runs`: what each run takes on disk, and a menu that deletes it or a part of it. */

import { ActionIcon, Badge, Group, List, Menu, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunRecord } from '../../domain/run';
import type { RunPart, RunSizes } from '../../domain/stored-sizes';
import { useRuns, useStorage } from '../../state/studio-context';
import { ConfirmRemoval } from '../../ui/confirm-removal';
import { formatStored } from '../../ui/format';
import { runName, sizeWords } from './storage-words';

export function RunList() {
  const records = useRuns((state) => state.records);
  const sizes = useStorage((state) => state.sizes);
  const sizesOf = (runId: string) =>
    sizes?.runs.find((run) => run.runId === runId) ?? { runId, weightsBytes: 0, optimizerBytes: 0 };
  const rows = records
    .map((record) => ({ record, sizes: sizesOf(record.id) }))
    .toSorted((a, b) => totalOf(b.sizes) - totalOf(a.sizes));
  if (rows.length === 0) return <Text size="sm">No run is stored yet.</Text>;
  return (
    <List
      aria-label="Stored runs"
      listStyleType="none"
      spacing="sm"
      styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}
    >
      {rows.map((row) => (
        <List.Item key={row.record.id}>
          <RunItem {...row} />
        </List.Item>
      ))}
    </List>
  );
}

const totalOf = ({ weightsBytes, optimizerBytes }: RunSizes) => weightsBytes + optimizerBytes;

function RunItem({ record, sizes }: { record: RunRecord; sizes: RunSizes }) {
  const name = runName(record);
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap">
      <Stack gap={0} miw={0}>
        <Text size="sm" fw={600} className="thorax-breakable">
          {name}
        </Text>
        <Text size="xs" c="dimmed" className="thorax-breakable">
          {record.dataset.name}. {sizeWords(sizes)}
        </Text>
      </Stack>
      {record.status === 'running' ? (
        <Badge variant="light" tt="none" fw={500} miw="max-content">
          running
        </Badge>
      ) : (
        <DeleteMenu name={name} sizes={sizes} />
      )}
    </Group>
  );
}

type Choice = RunPart | 'run';

function DeleteMenu({ name, sizes }: { name: string; sizes: RunSizes }) {
  const { runId, weightsBytes, optimizerBytes } = sizes;
  const [asked, ask] = useState<Choice | null>(null);
  const deleteRun = useStorage((state) => state.deleteRun);
  const deleteRunPart = useStorage((state) => state.deleteRunPart);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Delete from ${name}`}>
            <IconTrash size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {optimizerBytes > 0 && (
            <Menu.Item onClick={() => ask('optimizerState')}>Optimizer state, {formatStored(optimizerBytes)}</Menu.Item>
          )}
          {weightsBytes > 0 && (
            <Menu.Item onClick={() => ask('weights')}>Weights, {formatStored(totalOf(sizes))}</Menu.Item>
          )}
          <Menu.Item onClick={() => ask('run')}>The whole run</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmRemoval
        opened={asked !== null}
        onClose={() => ask(null)}
        {...questionOf(asked ?? 'run', name)}
        verb="Delete"
        onConfirm={() => void (asked === null || asked === 'run' ? deleteRun(runId) : deleteRunPart(runId, asked))}
      />
    </>
  );
}

function questionOf(choice: Choice, name: string): { title: string; text: string } {
  switch (choice) {
    case 'optimizerState':
      return {
        title: 'Delete the optimizer state?',
        text: `${name} can then no longer be continued. Its record and its weights are kept.`,
      };
    case 'weights':
      return {
        title: 'Delete the weights?',
        text: `The last and best weights of ${name} are removed for good: it can then be neither explained nor exported nor continued. Its record, curves and predictions are kept.`,
      };
    case 'run':
      return {
        title: 'Delete this run?',
        text: `The record of ${name}, its predictions and its weights are removed for good.`,
      };
    default:
      return choice satisfies never;
  }
}
