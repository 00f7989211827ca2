/** @file Files that other programs made: damaged ones harm nothing, and the person is asked for what they leave open. */

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dropOn } from './helpers/drop';
import { addFile, makeEmptyFolder, makeSplitFolders } from './helpers/folders';
import { endlessWeights, hollowDenseNet121Weights } from './helpers/keras-files';
import { readRuns } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const CASES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'shared', 'cases', '30-hostile');

/** Opens a dataset and trains on it for longer than any test takes. */
async function trainOn(studio: Studio, name: string): Promise<void> {
  await studio.dropFolder(makeSplitFolders(name, CLASS_NAMES, { train: 4, validation: 2, test: 1 }));
  await studio.expectCounts({ COVID: [4, 2, 1] });
  await studio.prepare({ networks: ['Baseline'], epochs: '1000', batchSize: '4', inputSize: '64' });
  await studio.train.click();
  await expect.poll(() => epochsTrained(studio), { timeout: 90_000 }).toBeGreaterThan(0);
}

async function epochsTrained({ page }: Studio): Promise<number> {
  return (await readRuns(page))[0]?.epochs.length ?? 0;
}

async function stopTraining(studio: Studio): Promise<void> {
  await studio.goTo('Train');
  await studio.page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(async () => (await readRuns(studio.page))[0].status, { timeout: 30_000 }).toBe('stopped');
}

/** Drops damaged files while something trains: each is refused, the training goes on, and Stop is obeyed. */
async function expectHarmless(studio: Studio, files: string[]): Promise<void> {
  const { page } = studio;
  const before = await epochsTrained(studio);
  await studio.goTo('Compare');
  await dropOn(page, 'Drop a Keras model', files);
  for (const file of files) {
    const alert = page.getByRole('alert').filter({ hasText: basename(file) });
    await expect(alert).toContainText('is damaged', { timeout: 60_000 });
  }
  expect(await epochsTrained(studio)).toBeGreaterThan(before);
  await stopTraining(studio);
  expect(await readRuns(page)).toHaveLength(1);
  studio.forgiveErrors(/HDF5|H5|minor:|major:/);
}

test('a file that would be read for ever is refused; the training goes on and Stop is obeyed', {
  tag: '@long',
}, async ({ studio }) => {
  await trainOn(studio, 'endless');
  const folder = makeEmptyFolder('damaged');
  addFile(folder, 'endless.weights.h5', endlessWeights());
  await expectHarmless(studio, [join(folder, 'endless.weights.h5')]);
});

test('so are files with two changed bytes', { tag: '@long' }, async ({ studio }) => {
  test.skip(!existsSync(CASES), `${CASES} is not here`);
  await trainOn(studio, 'two-bytes');
  await expectHarmless(studio, [join(CASES, '117.keras'), join(CASES, '117.weights.h5')]);
});

test('weights without a configuration are asked for their size, wait for the training and are tested', {
  tag: '@long',
}, async ({ studio }) => {
  const { page } = studio;
  await trainOn(studio, 'asked');
  const folder = makeEmptyFolder('bare');
  addFile(folder, 'dense.weights.h5', hollowDenseNet121Weights());
  await studio.goTo('Compare');
  await page.getByRole('combobox', { name: 'Pixels as' }).selectOption('-1 to 1');
  await dropOn(page, 'Drop a Keras model', [join(folder, 'dense.weights.h5')]);
  const card = page.getByRole('group', { name: 'dense.weights.h5' });
  const size = card.getByRole('spinbutton', { name: 'Input size' });
  await size.fill('31', { timeout: 60_000 });
  await expect(card.getByRole('button', { name: 'Import' })).toBeDisabled();
  await size.fill('32');
  await card.getByRole('button', { name: 'Import' }).click();
  await expect(card).toContainText('Waiting for the training to end', { timeout: 60_000 });
  expect(await readRuns(page)).toHaveLength(1);
  await stopTraining(studio);

  const [, imported] = await studio.waitForRuns(0, 2, 90_000);
  expect(imported).toMatchObject({ status: 'finished', recipe: { network: 'densenet121', inputSize: 32 } });
  expect(imported.test.last?.count).toBe(3);
  const row = (await studio.comparisonRows()).filter({ hasText: 'dense.weights.h5' });
  await expect(row).toContainText('pixels × 0.00784314 − 1 assumed: the file does not state it');
});
