/** @file Reads what a heatmap figure shows. */

import type { Locator } from '@playwright/test';

export interface HeatmapLook {
  /** Standard deviation of red minus blue over the picture, 0..255: a grey radiograph has none, nor has a constant map. */
  spread: number;
  /** Red minus blue at a grid of points, to tell one map from another. */
  points: number[];
}

/** What the figure's canvas shows; null where it says that there is no positive evidence. */
export async function readHeatmap(figure: Locator): Promise<HeatmapLook | null> {
  if (await figure.getByText('No positive evidence').isVisible()) return null;
  return await figure
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      const differences = Array.from({ length: data.length / 4 }, (_, i) => data[i * 4] - data[i * 4 + 2]);
      const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length;
      const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / differences.length;
      const grid = 12;
      const points = Array.from({ length: grid * grid }, (_, i) => {
        const x = Math.floor((((i % grid) + 0.5) * width) / grid);
        const y = Math.floor(((Math.floor(i / grid) + 0.5) * height) / grid);
        return differences[y * width + x];
      });
      return { spread: Math.sqrt(variance), points };
    });
}
