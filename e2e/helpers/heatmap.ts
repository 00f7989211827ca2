/** @file Reads what a heatmap figure shows. */

import { expect, type Locator, type Page } from '@playwright/test';

/** The network's map of this file is not constant and changes with the chosen class. */
export async function expectTellingHeatmap(page: Page, network: string, fileName: string): Promise<void> {
  const figure = page.getByRole('figure', { name: `Heatmap ${network} ${fileName}` });
  await expect(figure).toBeVisible({ timeout: 120_000 });
  const choice = figure.getByRole('combobox', { name: 'Heatmap of class' });
  const looks: (HeatmapLook | null)[] = [];
  for (let classIndex = 0; classIndex < (await choice.getByRole('option').count()); classIndex += 1) {
    await choice.selectOption(String(classIndex));
    // The choice shows a class once its map is there.
    await expect(choice).toHaveValue(String(classIndex), { timeout: 60_000 });
    looks.push(await readHeatmap(figure));
  }
  const shown = looks.filter((look) => look !== null);
  expect(shown.length, `${network}: maps with positive evidence`).toBeGreaterThan(0);
  for (const look of shown) expect(look.spread, `${network}: not constant`).toBeGreaterThan(10);
  const distinct = new Set(looks.map((look) => JSON.stringify(look?.points ?? null)));
  expect(distinct.size, `${network}: changes with the class`).toBeGreaterThan(1);
}

export interface HeatmapLook {
  /** Standard deviation of red minus blue over the image, 0..255: a grey radiograph has none, nor has a constant map. */
  spread: number;
  /** Red minus blue at a grid of points, to distinguish maps. */
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
