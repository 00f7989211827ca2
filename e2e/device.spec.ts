/** @file What computes: forced by the address, chosen by the menu, with threads or, on a page that is not isolated, without. */

import { makeSplitFolders } from './helpers/folders';
import { expect, type Studio, test } from './helpers/studio';

const TINY = { networks: ['Baseline' as const], epochs: '1', batchSize: '4', inputSize: '32' };

function tinyFolder(name: string): string {
  return makeSplitFolders(name, ['ill', 'well'], { train: 8, validation: 2, test: 2 });
}

test('the address chooses the processor, with all its threads; pause and stop act between batches', async ({
  studio,
}) => {
  const { page } = studio;
  await studio.open('?device=processor');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  await expect(studio.device).toContainText(`Processor, ${cores} thread${cores === 1 ? '' : 's'}`, { timeout: 60_000 });

  await studio.dropFolder(tinyFolder('on-processor'));
  await studio.prepare({ ...TINY, epochs: '500' });
  await expect(page.getByText(/^About [\d.]+ MB of memory · /).first()).toBeVisible({ timeout: 30_000 });
  await studio.train.click();
  await expect.poll(async () => Number(await studio.progress.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
  await studio.pause.click();
  await expect(studio.resume).toBeEnabled();
  const paused = await studio.progress.getAttribute('aria-valuenow');
  await page.waitForTimeout(1000);
  expect(await studio.progress.getAttribute('aria-valuenow')).toBe(paused);
  await studio.resume.click();
  await expect.poll(() => studio.progress.getAttribute('aria-valuenow')).not.toBe(paused);

  await studio.device.getByRole('button', { name: 'Compute on' }).click();
  await expect(page.getByRole('menuitem', { name: 'WebGPU', exact: true })).toBeDisabled();
  await expect(page.getByText('A run is going. Another device can be chosen when it has ended.')).toBeVisible();
  await page.keyboard.press('Escape');
  await studio.stop.click();
  const [run] = await studio.waitForRuns(0, 1, 60_000);
  expect(run).toMatchObject({ status: 'stopped', gpu: `${await studio.deviceText()} (processor)` });
  expect(run.peakGpuBytes).toBeGreaterThan(0);
});

test('the menu changes the device, there and back, and the choice outlives a reload', { tag: '@long' }, async ({
  studio,
}) => {
  test.setTimeout(5 * 60_000);
  const { page } = studio;
  await studio.open('?device=webgpu');
  await expect(studio.device).toContainText('WebGPU', { timeout: 60_000 });
  await studio.open();
  await studio.dropFolder(tinyFolder('there-and-back'));

  await choose(studio, 'Processor');
  await expect(studio.device).toContainText(/^Processor, \d+ thread/, { timeout: 60_000 });
  const [first] = await studio.trainToTheEnd(TINY, 60_000);
  expect(first).toMatchObject({ status: 'finished', gpu: `${await studio.deviceText()} (processor)` });

  await choose(studio, 'WebGPU');
  await expect(studio.device).toContainText('WebGPU', { timeout: 60_000 });
  await page
    .getByText(/^About .* of GPU memory/)
    .first()
    .waitFor({ timeout: 30_000 });
  const [, second] = await studio.trainToTheEnd(TINY, 180_000).then(() => studio.waitForRuns(0, 2, 1000));
  expect(second.status).toBe('finished');
  expect(second.gpu).toMatch(/ \(webgpu\)$/);

  await choose(studio, 'Processor');
  await expect(studio.device).toContainText(/^Processor, /, { timeout: 60_000 });
  await page.reload();
  await expect(studio.device).toContainText(/^Processor, /, { timeout: 60_000 });
});

test('what the address asks for and does not exist is refused with a sentence', async ({ studio }) => {
  await studio.open('?device=abacus');
  await studio.expectSentence(/^There is no device named "abacus": use webgpu or processor\. /);
  await studio.open('?device=processor&kernels=stock');
  await studio.expectSentence(/^Stock kernels are compared on WebGPU: /);
});

test('a page that is not isolated trains on one thread, and says why and what to do', async ({ studio }) => {
  const { page } = studio;
  await page.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.continue();
    const response = await route.fetch();
    const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
    return route.fulfill({ response, headers: Object.fromEntries(headers) });
  });
  await studio.open('?device=processor');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await expect(studio.device).toContainText('Processor, 1 thread: the page is not cross-origin isolated', {
    timeout: 60_000,
  });
  await studio.expectSentence(/Serve it as npm start does, with the headers Cross-Origin-Opener-Policy/);
  await studio.dropFolder(tinyFolder('not-isolated'));
  const [run] = await studio.trainToTheEnd(TINY, 60_000);
  expect(run).toMatchObject({ status: 'finished', gpu: 'Processor, 1 thread (processor)' });
});

async function choose({ page, device }: Studio, name: string): Promise<void> {
  await device.getByRole('button', { name: 'Compute on' }).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}
