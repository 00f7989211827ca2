/** @file One image of the dataset, small; read from disk when it comes near the screen. */

import { useIntersection } from '@mantine/hooks';
import { IconPhotoX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Picture } from '../../domain/protocol';
import { useStudio } from '../../state/studio-context';
import { PictureCanvas } from '../../ui/picture-canvas';
import classes from './thumbnail-panel.module.css';

interface ThumbnailProps {
  datasetId: string;
  path: string;
  selected: boolean;
  onSelect: (path: string) => void;
}

const SIDE = 192;

export function Thumbnail({ datasetId, path, selected, onSelect }: ThumbnailProps) {
  const { readPicture } = useStudio();
  const { ref, entry } = useIntersection({ rootMargin: '800px' });
  const [picture, setPicture] = useState<Picture | 'unreadable' | null>(null);
  const near = entry?.isIntersecting ?? false;

  useEffect(() => {
    if (!near || picture) return;
    let wanted = true;
    void readPicture(datasetId, path, SIDE).then((outcome) => {
      if (wanted) setPicture(outcome.ok ? outcome.value : 'unreadable');
    });
    return () => {
      wanted = false;
    };
  }, [near, picture, readPicture, datasetId, path]);

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
      {picture === 'unreadable' && (
        <span className={classes.missing}>
          <IconPhotoX size={24} aria-hidden />
        </span>
      )}
      {picture && picture !== 'unreadable' && <PictureCanvas picture={picture} className={classes.picture} />}
    </button>
  );
}
