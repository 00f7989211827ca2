/** @file A trained model is exported in both formats, and predicts the same where it is loaded. */

import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decode } from 'fast-png';
import { openZipEntry, readZipDirectory } from '../src/exchange/zip-directory';
import { dropOn } from './helpers/drop';
import { makeSplitFolders } from './helpers/folders';
import { readPredictions, readRuns } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
/** Side of the drawn images, pixels: nothing has to be resized. */
const SIDE = 48;

test('a run exported for Keras and dropped in again, and one read by tf.loadLayersModel, predict the same', async ({
  studio,
}) => {
  const folder = makeSplitFolders('models', CLASS_NAMES, { train: 4, validation: 2, test: 2 });
  await studio.dropFolder(folder);
  await studio.expectCounts({ COVID: [4, 2, 2], HEALTHY: [4, 2, 2], PNEUMONIA: [4, 2, 2] });
  const [trained] = await studio.trainToTheEnd(
    { networks: ['Baseline'], epochs: '2', batchSize: '4', inputSize: String(SIDE) },
    90_000,
  );
  const expected = (await readPredictions(studio.page, trained)).last ?? [];
  expect(expected).toHaveLength(6);

  const kerasFile = await exportRun(studio, 'Keras .h5, last weights');
  const tfjsFile = await exportRun(studio, 'TensorFlow.js model, last weights');

  await dropOn(studio.page, 'Drop a Keras model', [kerasFile]);
  const [taken] = await studio.waitForRuns(1, 1, 60_000);
  expect(taken).toMatchObject({ weightsOrigin: 'file', recipe: { network: 'baseline', inputSize: SIDE } });
  expect((await readPredictions(studio.page, taken)).last).toEqual(expected);
  const rows = await studio.comparisonRows();
  const row = rows.filter({ hasText: 'trained elsewhere' });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(basename(kerasFile));
  // What the file does not state is not shown.
  await expect(row).toContainText(`${SIDE} px`);
  await expect(row).not.toContainText(/batch|seed/);

  const paths = expected.map(({ path }) => join(folder, '..', ...localParts(path, folder)));
  const answers = await predictWithTfjs(tfjsFile, paths);
  for (const [i, { path, probabilities }] of expected.entries()) {
    for (const [index, probability] of probabilities.entries()) {
      expect(Math.abs(answers[i][index] - probability), `${path}, class ${index}`).toBeLessThan(1e-5);
    }
  }
});

test('a file that is no whole model is refused by name, and no run is made of it', async ({ studio }) => {
  const { page } = studio;
  const folder = makeSplitFolders('refusals', CLASS_NAMES, { train: 2, validation: 1, test: 1 });
  await studio.dropFolder(folder);
  await studio.expectCounts({ COVID: [2, 1, 1] });
  await studio.goTo('Compare');
  await dropOn(page, 'Drop a Keras model', [join(folder, 'train', 'COVID', 'scan-0.png')]);
  await expect(page.getByRole('alert').filter({ hasText: 'scan-0.png' })).toBeVisible({ timeout: 30_000 });
  studio.forgiveErrors(/HDF5|H5|minor:|major:/);
  expect(await readRuns(page)).toEqual([]);
});

/** The path below the folder's parent: a dataset's paths may or may not begin with the folder's name. */
function localParts(path: string, folder: string): string[] {
  const name = basename(folder);
  return path.startsWith(`${name}/`) ? [path] : [name, path];
}

/** Clicks the only run's export menu and waits for the file. */
async function exportRun(studio: Studio, item: string): Promise<string> {
  const { page } = studio;
  const rows = await studio.comparisonRows();
  await rows.getByRole('button', { name: /^Export/ }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: item }).click();
  const file = await download;
  const path = join(mkdtempSync(join(tmpdir(), 'thorax-')), file.suggestedFilename());
  await file.saveAs(path);
  // It fades out, and a second one would have items of the same names.
  await expect(page.getByRole('menu')).toHaveCount(0);
  return path;
}

/** Unpacks the zip file on a web server and reads it from there, as any page would. */
async function predictWithTfjs(zipPath: string, imagePaths: string[]): Promise<number[][]> {
  const zip = new File([readFileSync(zipPath)], basename(zipPath));
  const files = new Map<string, Blob>();
  for (const entry of await readZipDirectory(zip)) files.set(`/${entry.name}`, await openZipEntry(zip, entry));
  const server = createServer(async (request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file ? 200 : 404).end(file && Buffer.from(await file.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await tf.setBackend('cpu');
  const model = await tf.loadLayersModel(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`);
  const x = tf.tensor4d(imagePaths.flatMap(readImage), [imagePaths.length, SIDE, SIDE, 3]);
  const y = model.predict(x) as tf.Tensor2D;
  const answers = await y.array();
  tf.dispose([x, y]);
  model.dispose();
  server.close();
  return answers;
}

/** RGB, 0..1. */
function readImage(path: string): number[] {
  const { data, channels } = decode(readFileSync(path));
  expect(channels, 'the drawn images are grey').toBe(1);
  return Array.from(data).flatMap((grey) => [grey / 255, grey / 255, grey / 255]);
}
