/** @file Pixels on a canvas at their own size; how large they show is the style's business. */

import { useEffect, useRef } from 'react';
import type { RgbaImage } from '../domain/protocol';

interface ImageCanvasProps {
  image: RgbaImage;
  /** Text for those who do not see it; left out where the words stand beside it. */
  label?: string;
  className?: string;
}

export function ImageCanvas({ image, label, className }: ImageCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
  }, [image]);
  return (
    <canvas
      ref={canvas}
      width={image.width}
      height={image.height}
      className={className}
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    />
  );
}
