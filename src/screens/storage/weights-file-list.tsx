/** @file The list `Kept pretrained files`: what each takes on disk, and a button that removes it. */

import { ActionIcon, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { NETWORKS } from '../../domain/network';
import type { WeightsStatus } from '../../domain/protocol';
import { useStorage, useWeights } from '../../state/studio-context';
import { ConfirmRemoval } from '../../ui/confirm-removal';
import { formatStored } from '../../ui/format';
import { SentenceAlert } from '../../ui/sentence-alert';

export function WeightsFileList() {
  const sizes = useStorage((state) => state.sizes);
  const statuses = useWeights((state) => state.statuses) ?? [];
  const files = (sizes?.pretrained ?? []).flatMap(({ fileName, sizeBytes }) => {
    const status = statuses.find((candidate) => candidate.fileName === fileName);
    return status ? [{ status, sizeBytes }] : [];
  });
  if (files.length === 0) return <Text size="sm">No pretrained file is kept.</Text>;
  return (
    <List
      aria-label="Kept pretrained files"
      listStyleType="none"
      spacing="sm"
      styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}
    >
      {files.map(({ status, sizeBytes }) => (
        <List.Item key={status.fileName}>
          <FileItem status={status} sizeBytes={sizeBytes} />
        </List.Item>
      ))}
    </List>
  );
}

function FileItem({ status, sizeBytes }: { status: WeightsStatus; sizeBytes: number }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useWeights((state) => state.remove);
  const failure = useWeights((state) => state.removeFailures[status.network]);
  const refresh = useStorage((state) => state.refresh);
  const { name } = NETWORKS[status.network];
  const size = formatStored(sizeBytes);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Stack gap={0} miw={0}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="thorax-breakable">
            {status.present ? size : `${size} of an unfinished download`}
          </Text>
        </Stack>
        <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={`Remove ${name} file`}>
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
      {failure && <SentenceAlert title="This file was not removed" sentences={[failure]} tone="problem" />}
      <ConfirmRemoval
        opened={opened}
        onClose={close}
        title="Remove this weights file?"
        text={`${status.fileName}, ${size}, is removed from this browser. It can be downloaded or dropped again.`}
        verb="Remove"
        onConfirm={() => void remove(status.network).then(refresh)}
      />
    </Stack>
  );
}
