/** @file A browser without WebGPU: the processor computes, and a sentence says so and what to do for a GPU. */

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

test('trains on the processor without being asked, and says so', async ({ studio }) => {
  const { page } = studio;
  const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) ?? null);
  expect(adapter, 'this browser has no WebGPU').toBeNull();

  await expect(studio.device).toContainText(/^Processor, \d+ threads?$/, { timeout: 60_000 });
  await studio.expectSentence(/WebGPU.* The processor computes\. To compute on a GPU, use a current Chrome/);
  await studio.device.getByRole('button', { name: 'Compute on' }).click();
  await expect(page.getByRole('menuitem', { name: 'WebGPU', exact: true })).toBeDisabled();
  await expect(page.getByRole('menuitem', { name: 'Processor', exact: true })).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('Escape');

  await studio.dropFolder(makeSplitFolders('without-webgpu', ['ill', 'well'], { train: 4, validation: 2, test: 2 }));
  const [run] = await studio.trainToTheEnd(
    { networks: ['Baseline'], epochs: '1', batchSize: '4', inputSize: '32' },
    120_000,
  );
  expect(run).toMatchObject({ status: 'finished', gpu: `${await studio.deviceText()} (processor)` });
});

test('refuses the address that asks for WebGPU', async ({ studio }) => {
  await studio.open('?device=webgpu');
  await studio.expectSentence(/^The address asks for the device WebGPU\. This browser .* without "device="/);
  await expect(studio.device).toContainText('No device');
});
