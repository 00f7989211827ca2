/** @file A few training images of every class; a click picks one for the augmentation preview. */

import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { DatasetImage, DatasetSummary } from '../../domain/dataset';
import { useDataset } from '../../state/studio-context';
import { Panel } from '../../ui/panel';
import { Thumbnail } from './thumbnail';
import classes from './thumbnail-panel.module.css';

/** A dataset may have hundreds of classes; these show what the images look like. */
const MAX_CLASSES = 12;

export function ThumbnailPanel({ summary }: { summary: DatasetSummary }) {
  const selectedPath = useDataset((state) => state.selectedPath);
  const selectImage = useDataset((state) => state.selectImage);
  const samples = useDataset((state) => state.samples);
  const rows = useMemo(() => byClass(summary, samples), [summary, samples]);
  return (
    <Panel title="Training images">
      {rows.map((images, index) => (
        <Stack key={summary.classNames[index]} gap={6}>
          <Text size="sm" fw={500} className="thorax-breakable">
            {summary.classNames[index]}
          </Text>
          <div className={classes.row}>
            {images.map((image) => (
              <Thumbnail
                key={image.path}
                datasetId={summary.id}
                path={image.path}
                selected={image.path === selectedPath}
                onSelect={selectImage}
              />
            ))}
            {images.length === 0 && (
              <Text size="sm" c="dimmed">
                No image in the training split.
              </Text>
            )}
          </div>
        </Stack>
      ))}
      {summary.classNames.length > MAX_CLASSES && (
        <Text size="sm" c="dimmed">
          The first {MAX_CLASSES} of {summary.classNames.length} classes are shown.
        </Text>
      )}
    </Panel>
  );
}

function byClass({ classNames }: DatasetSummary, samples: readonly DatasetImage[]): DatasetImage[][] {
  const rows: DatasetImage[][] = classNames.slice(0, MAX_CLASSES).map(() => []);
  for (const image of samples) rows[image.classIndex]?.push(image);
  return rows;
}
