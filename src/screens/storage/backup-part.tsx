/** @file The part of the panel `Storage` that backs the whole project up, and restores a backup. */

import { Button, Checkbox, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { IconDownload, IconFolderDown, IconFolderUp, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { type BackupSource, type BackupTarget, backupName } from '../../domain/backup';
import { useBackup, useStorage } from '../../state/studio-context';
import { canWriteFolders, chooseBackedUpFolder, chooseBackupFile, chooseBackupFolder } from '../../ui/backup-places';
import { formatStored } from '../../ui/format';
import { SentenceAlert } from '../../ui/sentence-alert';
import { madeSentence, refusedSentences, restoredSentences } from './backup-words';

export function BackupPart() {
  const { going, made, restored, failure, backUp, restore, reportFailure } = useBackup((state) => state);
  const [withPretrained, setWithPretrained] = useState(false);
  const pretrainedBytes = useStorage((state) =>
    (state.sizes?.pretrained ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );

  async function backUpTo(choose: () => Promise<BackupTarget | null>) {
    try {
      const target = await choose();
      if (target) await backUp({ target, withPretrained });
    } catch {
      reportFailure('The browser did not let a place for the backup be chosen. Try the other button.');
    }
  }

  async function restoreFrom(choose: () => Promise<BackupSource | null>) {
    try {
      const source = await choose();
      if (source) await restore(source);
    } catch {
      reportFailure('The browser did not let the backup be opened. Try again.');
    }
  }

  return (
    <Stack gap="sm">
      <Text size="sm">
        A backup holds every run with its curves, predictions and weights, and the queue. It does not hold your images.
        A restore adds what is not here; nothing that is here is replaced.
      </Text>
      {pretrainedBytes > 0 && (
        <Checkbox
          label={`With the pretrained files, ${formatStored(pretrainedBytes)}`}
          checked={withPretrained}
          onChange={(event) => setWithPretrained(event.currentTarget.checked)}
        />
      )}
      <Group gap="xs">
        <Button
          size="xs"
          leftSection={<IconDownload size={16} />}
          disabled={going !== null}
          onClick={() => void backUpTo(() => chooseBackupFile(backupName(Date.now())))}
        >
          Back up to a file
        </Button>
        {canWriteFolders() && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFolderDown size={16} />}
            disabled={going !== null}
            onClick={() => void backUpTo(chooseBackupFolder)}
          >
            Back up to a folder
          </Button>
        )}
        <FileButton
          accept=".zip,application/zip"
          onChange={(file) => void restoreFrom(async () => file && { kind: 'file', file })}
        >
          {(props) => (
            <Button
              {...props}
              size="xs"
              variant="default"
              leftSection={<IconUpload size={16} />}
              disabled={going !== null}
            >
              Restore a file
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFolderUp size={16} />}
          disabled={going !== null}
          onClick={() => void restoreFrom(chooseBackedUpFolder)}
        >
          Restore a folder
        </Button>
      </Group>
      {going && <BackupProgress />}
      {failure && <SentenceAlert title="About the backup" sentences={[failure]} tone="problem" />}
      {made && (
        <SentenceAlert title="The backup is made" sentences={[madeSentence(made), ...made.leftOut]} tone="notice" />
      )}
      {restored && (
        <SentenceAlert title={`Restored from ${restored.name}`} sentences={restoredSentences(restored)} tone="notice" />
      )}
      {restored && refusedSentences(restored).length > 0 && (
        <SentenceAlert title="Not all of it could be restored" sentences={refusedSentences(restored)} tone="problem" />
      )}
    </Stack>
  );
}

function BackupProgress() {
  const going = useBackup((state) => state.going);
  const cancel = useBackup((state) => state.cancel);
  if (!going) return null;
  const { kind, progress } = going;
  const label = kind === 'backup' ? 'Backing up' : 'Restoring';
  const amount = progress && `${formatStored(progress.doneBytes)} of ${formatStored(progress.totalBytes)}`;
  const percent = progress && progress.totalBytes > 0 ? (100 * progress.doneBytes) / progress.totalBytes : 100;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{amount ? `${label}: ${amount}` : label}</Text>
        <Button variant="default" size="compact-xs" onClick={() => void cancel()}>
          Cancel
        </Button>
      </Group>
      <Progress value={percent} animated={!progress} aria-label={label} />
    </Stack>
  );
}
