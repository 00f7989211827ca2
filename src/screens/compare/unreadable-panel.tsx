/** @file Stored runs that this version cannot read: each can be saved as it is stored, and deleted. */

import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import type { UnreadableRun } from '../../domain/stored-run';
import { useRuns, useUpkeep } from '../../state/studio-context';
import { ConfirmRemoval } from '../../ui/confirm-removal';
import { formatDate } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';

export function UnreadablePanel({ runs }: { runs: UnreadableRun[] }) {
  const failure = useUpkeep((state) => state.failure);
  return (
    <Panel title="Runs that cannot be read">
      <Text size="sm">They are kept as they are stored until you delete them.</Text>
      <List aria-label="Runs that cannot be read" listStyleType="none" spacing="sm">
        {runs.map((run) => (
          <List.Item key={run.id}>
            <UnreadableItem run={run} />
          </List.Item>
        ))}
      </List>
      {failure && <SentenceAlert title="About this run" sentences={[failure]} tone="problem" />}
    </Panel>
  );
}

function UnreadableItem({ run }: { run: UnreadableRun }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useRuns((state) => state.remove);
  const saveRaw = useUpkeep((state) => state.saveRaw);
  const name = nameOf(run);
  return (
    <Group justify="space-between" gap="sm">
      <Stack gap={0}>
        <Text size="sm" fw={600} className="thorax-breakable">
          {name}
        </Text>
        <Text size="xs" c="dimmed" className="thorax-breakable">
          {run.reason}
        </Text>
      </Stack>
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={16} />}
          onClick={() => void saveRaw(run.id)}
        >
          Save as JSON
        </Button>
        <Button variant="default" size="xs" leftSection={<IconTrash size={16} />} onClick={open}>
          Delete
        </Button>
      </Group>
      <ConfirmRemoval
        opened={opened}
        onClose={close}
        title="Delete this run?"
        text={`What is stored of ${name} and its weights are removed for good.`}
        verb="Delete"
        onConfirm={() => void remove(run.id)}
      />
    </Group>
  );
}

/** As much as could be read: `VGG16 on X-rays of 1 May 2026`. */
function nameOf({ id, network, dataset, createdAt }: UnreadableRun): string {
  const parts = [network ?? `Run ${id}`, dataset && `on ${dataset}`, createdAt && `of ${formatDate(createdAt)}`];
  return parts.filter(Boolean).join(' ');
}
