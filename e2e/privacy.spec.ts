/** @file Nothing leaves the machine: every request stays at the origin, and none is needed once the page is loaded. */

import type { Request } from '@playwright/test';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeSplitFolders } from './helpers/folders';
import { expect, test } from './helpers/studio';

test('dataset, training, comparison and heatmap work with the network blocked after load', async ({
  studio,
  baseURL,
}) => {
  const { page } = studio;
  const requests: Request[] = [];
  page.context().on('request', (request) => requests.push(request));
  const answer = await page.reload({ waitUntil: 'networkidle' });
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
  // The GPU line means that the studio worker is loaded too.
  await expect(studio.device).toContainText(/WebGPU|Processor/, { timeout: 60_000 });

  await page.context().setOffline(true);
  await studio.dropFolder(makeSplitFolders('offline', ['ill', 'well'], { train: 8, validation: 2, test: 2 }));
  await studio.expectCounts({ ill: [8, 2, 2], well: [8, 2, 2] });
  const [run] = await studio.trainToTheEnd(
    { networks: ['Baseline'], epochs: '2', batchSize: '4', inputSize: '32' },
    90_000,
  );
  expect(run.status).toBe('finished');
  await expect(await studio.comparisonRows()).toHaveCount(1);
  await studio.goTo('Explain');
  await dropOn(page, 'Drop radiographs', [makeRadiograph()]);
  await expect(page.getByRole('figure', { name: /^Heatmap Baseline/ })).toBeVisible({ timeout: 60_000 });
  // The worker that reads a dropped file starts without a request, also the second one.
  await studio.goTo('Compare');
  for (const image of [makeRadiograph(), makeRadiograph()]) {
    await dropOn(page, 'Drop a Keras model', [image]);
    await expect(page.getByRole('alert').filter({ hasText: 'is not an HDF5 file' })).toBeVisible({ timeout: 60_000 });
    await page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
  }

  const origin = new URL(baseURL ?? '').origin;
  const left = requests.map((request) => request.url()).filter((url) => !isLocal(url, origin));
  expect(left, 'requests that left the origin').toEqual([]);
});

function isLocal(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`) || url.startsWith('data:');
}
