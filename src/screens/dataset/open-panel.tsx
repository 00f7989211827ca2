/** @file Where a folder is opened: drop region, picker, sample, the folder of the last visit. */

import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconFolderOpen, IconFolderPlus, IconHistory, IconSparkles } from '@tabler/icons-react';
import type { DatasetProgress } from '../../domain/dataset';
import { toFailure } from '../../domain/failure';
import { useDataset } from '../../state/studio-context';
import { chooseFolder } from '../../ui/choose-folder';
import { DropRegion } from '../../ui/drop-region';
import { type DroppedItems, readDroppedItems } from '../../ui/dropped-items';
import { SentenceAlert } from '../../ui/sentence-alert';
import { WorkProgress } from '../../ui/work-progress';
import { toDatasetSource } from './dataset-source';

const PHASES: Record<DatasetProgress['phase'], string> = {
  drawing: 'Drawing the phantoms',
  listing: 'Reading the folder',
  checking: 'Checking the images',
};

export function OpenPanel() {
  const { opening, failure, remembered, openSource, openSample, cancelOpening, reopenRemembered, reportFailure } =
    useDataset((state) => state);
  const summary = useDataset((state) => state.summary);

  async function open(asked: Promise<DroppedItems | null>) {
    try {
      const items = await asked;
      if (!items) return;
      const source = await toDatasetSource(items);
      if (source) await openSource(source);
      else reportFailure('There was no folder and no file in what was dropped. Drop the folder that holds the images.');
    } catch (error) {
      reportFailure(toFailure(error).sentence);
    }
  }

  return (
    <Stack gap="md">
      <DropRegion label="Drop a dataset folder" onDrop={(transfer) => void open(readDroppedItems(transfer))}>
        <Stack gap="md" align="center" py={summary ? 0 : 'xl'}>
          {!summary && (
            <IconFolderPlus size={44} stroke={1.3} aria-hidden color="var(--mantine-primary-color-filled)" />
          )}
          <Stack gap={4} align="center">
            <Title order={2} size={summary ? 'h5' : 'h3'}>
              {summary ? 'Drop another folder here' : 'Drop a folder of labelled radiographs here'}
            </Title>
            {!summary && (
              <Text c="dimmed" size="sm" maw={560}>
                One folder per class; or train, validation and test folders with the classes inside; or image folders
                with training.txt, validation.txt and testing.txt. Nothing leaves this browser.
              </Text>
            )}
          </Stack>
          <Group justify="center" gap="sm">
            <Button leftSection={<IconFolderOpen size={18} />} onClick={() => void open(chooseFolder())}>
              Choose folder
            </Button>
            <Button variant="default" leftSection={<IconSparkles size={18} />} onClick={() => void openSample()}>
              Try the sample dataset
            </Button>
            {remembered && (
              <Button variant="default" leftSection={<IconHistory size={18} />} onClick={() => void reopenRemembered()}>
                Reopen {remembered.name}
              </Button>
            )}
          </Group>
        </Stack>
      </DropRegion>
      {opening && (
        <WorkProgress
          label={PHASES[opening.phase]}
          done={opening.done}
          total={opening.total}
          timeLeftMs={opening.timeLeftMs}
          onCancel={() => void cancelOpening()}
        />
      )}
      {failure && <SentenceAlert title="That did not work" sentences={[failure]} tone="problem" />}
    </Stack>
  );
}
