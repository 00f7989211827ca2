/** @file The dataset screen: open a folder, see what is in it, what is wrong with it, and how it will be augmented. */

import { Stack } from '@mantine/core';
import { useDataset } from '../../state/studio-context';
import { AugmentationPanel } from './augmentation-panel';
import { OpenPanel } from './open-panel';
import { ProblemPanel } from './problem-panel';
import { SummaryPanel } from './summary-panel';
import { ThumbnailPanel } from './thumbnail-panel';

export function DatasetScreen({ onContinue }: { onContinue: () => void }) {
  const summary = useDataset((state) => state.summary);
  return (
    <Stack gap="lg">
      <OpenPanel />
      {summary && (
        <>
          <SummaryPanel summary={summary} onContinue={onContinue} />
          <ProblemPanel />
          <ThumbnailPanel summary={summary} />
          <AugmentationPanel summary={summary} />
        </>
      )}
    </Stack>
  );
}
