/** @file Pixels on a canvas at their own size; how large they show is the style's business. */

import { useEffect, useRef } from 'react';
import type { Picture } from '../domain/protocol';

interface PictureCanvasProps {
  picture: Picture;
  /** Text for those who do not see it; left out where the words stand beside it. */
  label?: string;
  className?: string;
}

export function PictureCanvas({ picture, label, className }: PictureCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      width={picture.width}
      height={picture.height}
      className={className}
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    />
  );
}
