/** @file The panel `Storage`: what is stored and deleted, and the whole project backed up, lost and restored. */

import { test as base, type Download, type Locator, type Page } from '@playwright/test';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeSplitFolders } from './helpers/folders';
import { readHeatmap } from './helpers/heatmap';
import { listFiles, makeFiles } from './helpers/opfs';
import { readPredictions, readRuns } from './helpers/records';
import { expect, Studio } from './helpers/studio';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const SMALL = { networks: ['Baseline' as const], epochs: '1', batchSize: '4', inputSize: '32', seed: '1' };

/** A page in a browser that has no pickers for files to write: a backup is a download there, and no dialog of the system opens. */
const test = base.extend<{ studio: Studio }>({
  studio: async ({ page }, use) => {
    await page.addInitScript(() => {
      for (const name of ['showSaveFilePicker', 'showDirectoryPicker']) Reflect.deleteProperty(window, name);
    });
    const studio = new Studio(page);
    await studio.open();
    await use(studio);
    expect(studio.consoleErrors, 'errors in the console').toEqual([]);
  },
});

async function openStorage(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Storage', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Storage' });
  await expect(dialog).toBeVisible();
  return dialog;
}

async function backUp(page: Page): Promise<Download> {
  const dialog = await openStorage(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Back up to a file' }).click(),
  ]);
  return download;
}

/** Gives a file to the button of this name. */
async function restore(page: Page, dialog: Locator, path: string): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    dialog.getByRole('button', { name: 'Restore a file' }).click(),
  ]);
  await chooser.setFiles(path);
}

test('a run’s weights are backed up, deleted and given back; a file that is no backup is refused', async ({
  studio,
}) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('kept', CLASS_NAMES, { train: 4, validation: 2, test: 2 }));
  const [run] = await studio.trainToTheEnd(SMALL, 90_000);
  const path = await (await backUp(page)).path();
  const files = await listFiles(page, 'runs');
  expect(files.length).toBeGreaterThan(1);

  const dialog = page.getByRole('dialog', { name: 'Storage' });
  await expect(dialog.getByText(/^thorax-backup-.*\.zip holds 1 run/)).toBeVisible();
  const item = dialog.getByRole('list', { name: 'Stored runs' }).getByRole('listitem');
  await expect(item).toContainText(/Baseline of .*Weights \d/);
  await item.getByRole('button', { name: /^Delete from Baseline/ }).click();
  await page.getByRole('menuitem', { name: /^Weights/ }).click();
  await page.getByRole('dialog', { name: 'Delete the weights?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(item).toContainText('No weights');
  expect(await listFiles(page, 'runs')).toEqual([]);
  expect(await readRuns(page)).toEqual([{ ...run, weightsDeleted: true }]);

  await restore(page, dialog, makeRadiograph());
  await expect(dialog.getByRole('alert')).toContainText(/is no backup of Thorax/);
  expect(await listFiles(page, 'runs')).toEqual([]);

  await restore(page, dialog, path);
  await expect(dialog.getByText('1 run was here without weights and got them back.')).toBeVisible();
  expect(await listFiles(page, 'runs')).toEqual(files);
  expect(await readRuns(page)).toEqual([run]);
});

test('everything is backed up, the site’s data cleared, and all of it restored', { tag: '@long' }, async ({
  studio,
  context,
  baseURL,
}) => {
  const { page } = studio;
  const radiograph = makeRadiograph();
  await studio.dropFolder(makeSplitFolders('all', CLASS_NAMES, { train: 8, validation: 2, test: 2 }));
  await studio.trainToTheEnd({ ...SMALL, epochs: '3' }, 90_000);
  await studio.trainToTheEnd({ ...SMALL, epochs: '2', seed: '2' }, 90_000);
  const before = await project(page, studio, radiograph);
  expect(before.runs).toHaveLength(2);
  expect(before.heatmap).not.toBeNull();
  const path = await (await backUp(page)).path();

  await page.goto('/thorax.svg');
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(baseURL ?? '').origin, storageTypes: 'all' });
  // What a restore leaves that was killed: files without a record.
  await makeFiles(page, { [`runs/${before.runs[0].id}/weights-1.bin`]: 2 ** 20 });
  await studio.open();
  // The picture has no icon of its own.
  studio.forgiveErrors(/status of 404/);
  await expect(page.getByRole('alert').filter({ hasText: 'Removed 1 leftover' })).toBeVisible();
  expect(await readRuns(page)).toEqual([]);

  const dialog = await openStorage(page);
  await restore(page, dialog, path);
  await expect(dialog.getByText('2 runs were restored.')).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  expect(await project(page, studio, radiograph)).toEqual(before);
});

test('a backup goes into a picked folder and comes back from it; a nearly full disk is told', { tag: '@long' }, async ({
  studio,
}) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('folder', CLASS_NAMES, { train: 4, validation: 2, test: 2 }));
  const [run] = await studio.trainToTheEnd(SMALL, 90_000);
  // In place of the system's dialog, which no test can operate: a folder of the browser's own storage.
  await page.evaluate(() => {
    const pick = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true });
    Object.assign(window, { showDirectoryPicker: pick });
  });
  const dialog = await openStorage(page);
  await dialog.getByRole('button', { name: 'Back up to a folder' }).click();
  await expect(dialog.getByText(/^picked\/thorax-backup-.* holds 1 run/)).toBeVisible();
  const stored = await listFiles(page, 'runs');
  const copied = await listFiles(page, 'picked');
  const [folder] = copied.map((path) => path.split('/').slice(0, 2).join('/'));
  expect(copied.map((path) => path.slice(folder.length + 1)).sort()).toEqual(
    [
      ...stored.map((path) => path.replace(`runs/${run.id}/`, `runs/${run.id}/checkpoint/`)),
      `runs/${run.id}/record.json`,
      'thorax-backup.json',
    ].sort(),
  );

  await page.evaluate((path) => {
    const pick = async () => {
      const [top, name] = path.split('/');
      return (await (await navigator.storage.getDirectory()).getDirectoryHandle(top)).getDirectoryHandle(name);
    };
    Object.assign(window, { showDirectoryPicker: pick });
  }, folder);
  const item = dialog.getByRole('list', { name: 'Stored runs' }).getByRole('listitem');
  await item.getByRole('button', { name: /^Delete from Baseline/ }).click();
  await page.getByRole('menuitem', { name: 'The whole run' }).click();
  await page.getByRole('dialog', { name: 'Delete this run?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(item).toHaveCount(0);
  expect(await listFiles(page, 'runs')).toEqual([]);
  await dialog.getByRole('button', { name: 'Restore a folder' }).click();
  await expect(dialog.getByText('1 run was restored.')).toBeVisible();
  expect(await readRuns(page)).toEqual([run]);
  expect(await listFiles(page, 'runs')).toEqual(stored);

  await page.keyboard.press('Escape');
  // Chromium grants 10 GB in words, whatever the disk and the developer tools say.
  await page.addInitScript(() => {
    navigator.storage.estimate = async () => ({ usage: 95 * 2 ** 20, quota: 100 * 2 ** 20 });
  });
  await page.reload();
  const warning = page.getByRole('alert').filter({ hasText: 'Storage is nearly full' });
  await expect(warning).toContainText(/Deleting frees: .*the weights of 1 run \d/);
  await warning.getByRole('button', { name: 'Dismiss' }).click();
  await expect(warning).toHaveCount(0);
});

/** All that a person has of the runs: records with curves, predictions, rows, files, and the heatmap of a radiograph. */
async function project(page: Page, studio: Studio, radiograph: string) {
  const runs = await readRuns(page);
  const predictions = await Promise.all(runs.map((run) => readPredictions(page, run)));
  const rows = await (await studio.comparisonRows()).allInnerTexts();
  const files = await listFiles(page, 'runs');
  await studio.goTo('Explain');
  await dropOn(page, 'Drop radiographs', [radiograph]);
  // Of the network's newest run.
  const figure = page.getByRole('figure', { name: /^Heatmap Baseline/ });
  await expect(figure.getByRole('combobox', { name: 'Heatmap of class' })).toBeVisible({ timeout: 60_000 });
  return { runs, predictions, rows, files, heatmap: await readHeatmap(figure) };
}
