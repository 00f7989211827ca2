/** @file A browser without WebGPU: a plain sentence with what to do, and the studio goes on. */

import { browserLaunchOptions } from '../.ci/browser.mjs';
import { makeSplitFolders } from './helpers/folders';
import { expect, test } from './helpers/studio';

const options = browserLaunchOptions();

test.use({
  launchOptions: {
    ...options,
    args: [...options.args.filter((flag) => flag !== '--enable-unsafe-webgpu'), '--disable-features=WebGPUService'],
  },
});

test('says that WebGPU is missing and what to do, and trains all the same', async ({ studio }) => {
  const { page } = studio;
  const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) ?? null);
  expect(adapter, 'this browser has no WebGPU').toBeNull();

  await expect(page.getByRole('status', { name: 'GPU' })).toContainText(/WebGL|Processor/, { timeout: 60_000 });
  await studio.expectSentence(/WebGPU/);
  await studio.dropFolder(makeSplitFolders('without-webgpu', ['ill', 'well'], { train: 4, validation: 2, test: 2 }));
  const [run] = await studio.trainToTheEnd(
    { networks: ['Baseline'], epochs: '1', batchSize: '4', inputSize: '32' },
    120_000,
  );
  expect(run.status).toBe('finished');
});
