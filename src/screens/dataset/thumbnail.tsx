/** @file One image of the dataset, small; read from disk when it comes near the screen. */

import { useIntersection } from '@mantine/hooks';
import { IconPhotoX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { RgbaImage } from '../../domain/protocol';
import { useStudio } from '../../state/studio-context';
import { ImageCanvas } from '../../ui/image-canvas';
import classes from './thumbnail-panel.module.css';

interface ThumbnailProps {
  datasetId: string;
  path: string;
  selected: boolean;
  onSelect: (path: string) => void;
}

const SIDE = 192;

export function Thumbnail({ datasetId, path, selected, onSelect }: ThumbnailProps) {
  const { readImage } = useStudio();
  const { ref, entry } = useIntersection({ rootMargin: '800px' });
  const [image, setImage] = useState<RgbaImage | 'unreadable' | null>(null);
  const near = entry?.isIntersecting ?? false;

  useEffect(() => {
    if (!near || image) return;
    let wanted = true;
    void readImage(datasetId, path, SIDE).then((outcome) => {
      if (wanted) setImage(outcome.ok ? outcome.value : 'unreadable');
    });
    return () => {
      wanted = false;
    };
  }, [near, image, readImage, datasetId, path]);

  return (
    <button
      ref={ref}
      type="button"
      className={classes.thumbnail}
      aria-pressed={selected}
      aria-label={path}
      title={path}
      onClick={() => onSelect(path)}
    >
      {image === 'unreadable' && (
        <span className={classes.missing}>
          <IconPhotoX size={24} aria-hidden />
        </span>
      )}
      {image && image !== 'unreadable' && <ImageCanvas image={image} className={classes.image} />}
    </button>
  );
}
