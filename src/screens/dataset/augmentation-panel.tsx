/** @file One image beside random transforms of it, made by the code that training uses. */

import { Button, Loader, Stack, Text } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { DatasetSummary, PixelBatch } from '../../domain/dataset';
import { NETWORKS } from '../../domain/network';
import type { RgbaImage } from '../../domain/protocol';
import type { PreviewSubject } from '../../state/preview-store';
import { useDataset, useDraft, usePreview } from '../../state/studio-context';
import { ImageCanvas } from '../../ui/image-canvas';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import classes from './augmentation-panel.module.css';

export function AugmentationPanel({ summary }: { summary: DatasetSummary }) {
  const selectedPath = useDataset((state) => state.selectedPath);
  const network = useDraft((state) => state.selected[0] ?? 'baseline');
  const own = useDraft((state) => state.own[network]);
  const { pixels, path, working, failure, show, reroll } = usePreview((state) => state);

  const subject = useMemo((): PreviewSubject | null => {
    if (selectedPath === null) return null;
    return {
      datasetId: summary.id,
      path: selectedPath,
      interpolation: own.interpolation,
      augmentation: own.augmentation,
    };
  }, [summary, selectedPath, own]);

  useEffect(() => {
    if (subject) void show(subject);
  }, [subject, show]);

  const images = useMemo(() => (pixels ? splitBatch(pixels) : []), [pixels]);
  if (!subject) return null;
  return (
    <Panel
      title="Augmentation preview"
      aside={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDice5 size={16} />}
          loading={working && images.length > 0}
          onClick={() => void reroll(subject)}
        >
          Re-roll
        </Button>
      }
    >
      <Text size="sm" c="dimmed" className="thorax-breakable">
        {selectedPath} as the recipe of {NETWORKS[network].name} transforms it.
      </Text>
      {failure && <SentenceAlert title="No preview" sentences={[failure]} tone="notice" />}
      {images.length === 0 && working && (
        <Stack align="center" py="xl" gap="xs">
          <Loader size="sm" />
          <Text size="sm" c="dimmed">
            Waiting for the device
          </Text>
        </Stack>
      )}
      {images.length > 0 && (
        <div className={classes.grid}>
          {images.map((image, index) => {
            const caption = index === 0 ? 'As it is' : `Transform ${index}`;
            return (
              <figure key={caption} className={classes.figure}>
                <ImageCanvas image={image} label={`${caption}: ${path}`} className={classes.image} />
                <Text size="xs" c="dimmed" ta="center" component="figcaption">
                  {caption}
                </Text>
              </figure>
            );
          })}
        </div>
      )}
    </Panel>
  );
}

/** RGB batch to RGBA images. */
function splitBatch({ data, count, size }: PixelBatch): RgbaImage[] {
  const area = size * size;
  return Array.from({ length: count }, (_, image) => {
    const rgba = new Uint8ClampedArray(area * 4).fill(255);
    for (let i = 0; i < area; i += 1) {
      const from = (image * area + i) * 3;
      rgba.set(data.subarray(from, from + 3), i * 4);
    }
    return { data: rgba, width: size, height: size };
  });
}
