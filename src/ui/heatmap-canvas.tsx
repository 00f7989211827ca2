/**
 * @file A radiograph with a heatmap over it: jet colours, stretched over the picture bilinearly by the canvas.
 */

import { useEffect, useRef } from 'react';
import type { Explanation, Picture } from '../domain/protocol';
import { paintJet } from './jet';

interface HeatmapCanvasProps {
  picture: Picture;
  /** Null: the plain picture. */
  heatmap: Explanation['heatmap'];
  /** Of the colours, 0..1. */
  opacity: number;
  className?: string;
}

export function HeatmapCanvas({ picture, heatmap, opacity, className }: HeatmapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const { data, width, height } = picture;
    context.putImageData(new ImageData(data, width, height), 0, 0);
    if (!heatmap) return;
    const colours = new OffscreenCanvas(heatmap.size, heatmap.size);
    const pixels = new ImageData(paintJet(heatmap.data), heatmap.size, heatmap.size);
    colours.getContext('2d')?.putImageData(pixels, 0, 0);
    context.globalAlpha = opacity;
    context.imageSmoothingQuality = 'low';
    context.drawImage(colours, 0, 0, width, height);
    context.globalAlpha = 1;
  }, [picture, heatmap, opacity]);
  return <canvas ref={canvas} width={picture.width} height={picture.height} className={className} aria-hidden />;
}
