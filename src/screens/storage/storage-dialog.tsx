/** @file The panel `Storage`: what is stored in this browser, what each part takes, and what can be deleted. */

import { Divider, Modal, Progress, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { isNearlyFull } from '../../state/storage-store';
import { useStorage } from '../../state/studio-context';
import { formatStored } from '../../ui/format';
import { SentenceAlert } from '../../ui/sentence-alert';
import { BackupPart } from './backup-part';
import { RunList } from './run-list';
import { diskWords, fullSentences, persistenceWords } from './storage-words';
import { WeightsFileList } from './weights-file-list';

export function StorageDialog() {
  const { isOpen, close, disk, persistence, sizes, isFull, failure } = useStorage((state) => state);
  return (
    <Modal opened={isOpen} onClose={close} title="Storage" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        {disk && (
          <Stack gap={6}>
            <Progress
              value={Math.min(100, (disk.usedBytes / disk.quotaBytes) * 100)}
              color={isNearlyFull(disk) ? 'red' : undefined}
              aria-label="Storage used"
            />
            <Text size="sm">{diskWords(disk)}</Text>
          </Stack>
        )}
        {persistence && (
          <Text size="sm" c="dimmed">
            {persistenceWords(persistence)}
          </Text>
        )}
        {(isFull || isNearlyFull(disk)) && (
          <SentenceAlert
            title={isFull ? 'Storage is full' : 'Storage is nearly full'}
            sentences={fullSentences(isFull ? null : disk, sizes)}
            tone="problem"
          />
        )}
        {failure && <SentenceAlert title="About this request" sentences={[failure]} tone="problem" />}
        <Part title="Backup">
          <BackupPart />
        </Part>
        <Part title="Runs">
          <RunList />
        </Part>
        <Part title="Pretrained files">
          <WeightsFileList />
        </Part>
        {sizes && sizes.sampleBytes + sizes.exportBytes > 0 && (
          <Text size="xs" c="dimmed">
            {otherWords(sizes)}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

function otherWords({ sampleBytes, exportBytes }: { sampleBytes: number; exportBytes: number }): string {
  const sample = sampleBytes > 0 ? [`The films of the sample dataset take ${formatStored(sampleBytes)}.`] : [];
  const exported =
    exportBytes > 0
      ? [`Files made for saving take ${formatStored(exportBytes)}; they go when their tab is closed.`]
      : [];
  return [...sample, ...exported].join(' ');
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="sm">
      <Divider />
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
