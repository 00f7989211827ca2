/** @file A run that was cut off goes on: at a click after a reload, by itself when its GPU was lost or its worker died. */

import type { Browser, Page, Worker } from '@playwright/test';
import type { RunRecord } from '../src/domain/run';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeSplitFolders } from './helpers/folders';
import { readRuns } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';
import { readTrained } from './helpers/trained';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const SETTINGS = { networks: ['Baseline' as const], epochs: '25', batchSize: '8', inputSize: '32', seed: '5' };

/** Time enough to cut it off and to queue another. */
const LONGER = { ...SETTINGS, epochs: '60', inputSize: '64' };
/** The same where a software adapter computes. */
const SLOW = { ...SETTINGS, epochs: '40' };

/** 30 training images in four batches, the last of them short. */
function makeFolder(name: string): string {
  return makeSplitFolders(name, CLASS_NAMES, { train: 10, validation: 3, test: 3 });
}

/** Waits until the newest run has so many epochs. */
async function waitForEpochs(page: Page, runCount: number, epochs: number): Promise<RunRecord> {
  const newest = async () => (await readRuns(page))[runCount - 1];
  await expect
    .poll(async () => (await newest())?.epochs.length ?? 0, { timeout: 60_000, intervals: [50] })
    .toBeGreaterThanOrEqual(epochs);
  return await newest();
}

/** The same recipe in a run that nothing cuts off. */
async function trainWhole(studio: Studio, settings = SETTINGS) {
  const [whole] = await studio.trainToTheEnd(settings, 240_000);
  return await readTrained(studio.page, whole.id);
}

test('a reload cuts a run off; Continue run ends it with the curve and the weights of one that was never cut off', async ({
  studio,
}) => {
  const { page } = studio;
  await studio.open('?device=processor');
  await studio.dropFolder(makeFolder('cut-off'));
  const whole = await trainWhole(studio);
  expect(whole.curve).toHaveLength(25);

  await studio.prepare(SETTINGS);
  await studio.train.click();
  const cut = await waitForEpochs(page, 2, 3);
  await page.reload();

  const banner = page.getByRole('alert').filter({ hasText: 'A run was interrupted' });
  await expect(banner).toContainText('Baseline on cut-off');
  const stored = (await readRuns(page))[1];
  expect(stored).toMatchObject({ id: cut.id, status: 'running' });
  expect(stored.epochs.length).toBeLessThan(25);
  const row = (await studio.comparisonRows()).filter({ hasText: 'interrupted' });
  await expect(row.getByRole('button', { name: 'Continue run' })).toBeVisible();

  // The folder is opened again by its stored handle.
  await studio.goTo('Dataset');
  await banner.getByRole('button', { name: 'Continue run' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Continued' })).toContainText(/after epoch \d+/);
  await studio.waitForRuns(0, 2, 120_000);
  expect(await readTrained(page, cut.id)).toEqual(whole);
  // The earlier epochs are on the screen beside those that were trained after the reload.
  await expect(page.getByRole('table', { name: 'Log' }).getByRole('row')).toHaveCount(26);
});

test('the studio worker dies: the run goes on by itself, and the queue after it', { tag: '@long' }, async ({
  studio,
}) => {
  const { page } = studio;
  await studio.open('?device=processor');
  await studio.dropFolder(makeFolder('dying'));
  const whole = await trainWhole(studio, LONGER);

  const cut = await trainWithNext(studio);
  await endWorker(page);
  await studio.expectSentence(
    /trains and explains stopped working and was started again\. A run that was going continues/,
  );
  const [, continued, next] = await studio.waitForRuns(0, 3, 120_000);
  expect(continued.id).toBe(cut.id);
  expect(await readTrained(page, cut.id)).toEqual(whole);
  expect(next).toMatchObject({ status: 'finished', recipe: { seed: 6 } });
});

for (const how of ['device.destroy()', 'a kill of the GPU process'] as const) {
  test(`the GPU is lost by ${how}: it is started anew, the run goes on by itself, and the queue after it`, {
    tag: '@long',
  }, async ({ studio, browser }) => {
    test.setTimeout(8 * 60_000);
    const { page } = studio;
    await exposeDevices(page);
    await studio.open('?device=webgpu');
    await expect(studio.device).toContainText('WebGPU', { timeout: 60_000 });
    await studio.dropFolder(makeFolder('lost'));
    const whole = await trainWhole(studio, SLOW);

    const cut = await trainWithNext(studio, SLOW);
    if (how === 'device.destroy()') await destroyDevice(page);
    else await killGpuProcess(browser);
    await studio.expectSentence(/The GPU was lost while working.* The run goes on from its last checkpoint/);
    const [, continued, next] = await studio.waitForRuns(0, 3, 240_000);
    expect(continued.id).toBe(cut.id);
    expect(await readTrained(page, cut.id)).toEqual(whole);
    expect(next).toMatchObject({ status: 'finished', recipe: { seed: 6 } });

    // With no run going, the next use starts it anew. After a second kill this browser would give no GPU any more.
    await destroyDevice(page);
    await studio.goTo('Explain');
    await dropOn(page, 'Drop radiographs', [makeRadiograph()]);
    await expect(page.getByRole('figure', { name: /^Heatmap Baseline/ })).toBeVisible({ timeout: 60_000 });
    // The browser reports work on a lost device, also without words.
    studio.forgiveErrors(/^$|GPU|WebGPU|context/i);
  });
}

/** Trains until three epochs are stored, with a second run in the queue. @returns the first */
async function trainWithNext(studio: Studio, settings = LONGER): Promise<RunRecord> {
  await studio.prepare(settings);
  await studio.train.click();
  await studio.prepare({ ...SETTINGS, epochs: '1', seed: '6' });
  await studio.train.click();
  return await waitForEpochs(studio.page, 2, 3);
}

/** Has the studio worker name its newest WebGPU device, from the next loading of the page on. */
async function exposeDevices(page: Page): Promise<void> {
  const spy = `{
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...words) {
      return (self.newestDevice = await requestDevice.apply(this, words));
    };
  };`;
  await page.route(/studio-worker[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: spy + (await response.text()) });
  });
}

async function destroyDevice(page: Page): Promise<void> {
  await studioWorker(page).evaluate(() => (self as unknown as { newestDevice: GPUDevice }).newestDevice.destroy());
}

async function killGpuProcess(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const gpu = processInfo.find(({ type }) => type === 'GPU');
  if (!gpu) throw new Error('The browser has no GPU process.');
  process.kill(gpu.id, 'SIGKILL');
  await session.detach();
}

/** Ends the studio worker as a crash would: without a word to the page. */
async function endWorker(page: Page): Promise<void> {
  await studioWorker(page).evaluate(() => self.close());
}

function studioWorker(page: Page): Worker {
  const worker = page.workers().find((candidate) => candidate.url().includes('studio-worker'));
  if (!worker) throw new Error('The page has no studio worker.');
  return worker;
}
