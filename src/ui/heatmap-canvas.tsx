/** @file A radiograph with a heatmap over it, in jet colours. */

import { useEffect, useMemo, useRef } from 'react';
import { type MapSize, resizeMap } from '../base/resize-map';
import type { RgbaImage } from '../domain/protocol';
import { paintJet } from './jet';

interface HeatmapCanvasProps {
  image: RgbaImage;
  /** Row-major, scaled to 0..1; null: the plain image. */
  map: Float32Array | null;
  mapSize: MapSize;
  /** Of the colours, 0..1. */
  opacity: number;
  className?: string;
}

export function HeatmapCanvas({ image, map, mapSize, opacity, className }: HeatmapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width } = mapSize;
  const colours = useMemo(() => {
    if (!map) return null;
    const layer = new OffscreenCanvas(image.width, image.height);
    const pixels = paintJet(resizeMap(map, { height, width }, image));
    layer.getContext('2d')?.putImageData(new ImageData(pixels, image.width, image.height), 0, 0);
    return layer;
  }, [image, map, height, width]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
    if (!colours) return;
    context.globalAlpha = opacity;
    context.drawImage(colours, 0, 0);
    context.globalAlpha = 1;
  }, [image, colours, opacity]);
  return <canvas ref={canvas} width={image.width} height={image.height} className={className} aria-hidden />;
}
