/**
 * @file What roundtrip.py asks of the studio, done by hand and eye of a person: Keras' models dropped, networks trained,
 * their files downloaded. The answers are the stored predictions.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { NETWORKS } from '../../src/domain/network';
import { dropOn } from '../helpers/drop';
import { readPredictions, readRuns } from '../helpers/records';
import { type NetworkName, test } from '../helpers/studio';

/** Written by roundtrip.py. */
interface Plan {
  folder: string;
  /** Counts of train, validation and test by class. */
  counts: Record<string, [number, number, number]>;
  models: string[];
  /** Of the networks taken in, those to be exported again. */
  exportAgain: NetworkName[];
  train: { networks: NetworkName[]; inputSize: string };
  answers: string;
}

const planPath = process.env.THORAX_ROUNDTRIP;

test('models go from Keras to Thorax and from Thorax to Keras', async ({ studio }) => {
  if (!planPath) throw new Error('Start this through e2e/reference/roundtrip.py.');
  const plan: Plan = JSON.parse(readFileSync(planPath, 'utf8'));
  const { page } = studio;
  await studio.dropFolder(plan.folder);
  await studio.expectCounts(plan.counts);

  const taken = [];
  for (const model of plan.models) {
    const before = (await readRuns(page)).length;
    await studio.goTo('Compare');
    await dropOn(page, 'Drop a Keras model', [model]);
    const [record] = await studio.waitForRuns(before, 1, 5 * 60_000);
    const { last } = await readPredictions(page, record);
    taken.push({ model, inputSize: record.recipe.inputSize, predictions: last });
  }

  const { networks, inputSize } = plan.train;
  await studio.trainToTheEnd(
    { networks, inputSize, epochs: '1', batchSize: '4', seed: '5', randomWeights: true },
    8 * 60_000,
  );
  const exported = [];
  for (const run of await readRuns(page)) {
    const { recipe } = run;
    const { name } = NETWORKS[recipe.network];
    const isTaken = recipe.epochs === 0;
    if (isTaken && !plan.exportAgain.includes(name as NetworkName)) continue;
    const rows = (await studio.comparisonRows()).filter({ hasText: name });
    const elsewhere = { [isTaken ? 'hasText' : 'hasNotText']: 'trained elsewhere' };
    await rows
      .filter(elsewhere)
      .getByRole('button', { name: /^Export/ })
      .click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Keras .h5, last weights' }).click();
    const file = join(plan.answers, `exported-${recipe.network}.h5`);
    await (await download).saveAs(file);
    const { network, inputSize: size } = recipe;
    const { last } = await readPredictions(page, run);
    exported.push({ network, model: file, inputSize: size, predictions: last });
  }
  expect(exported).toHaveLength(plan.exportAgain.length + networks.length);
  writeFileSync(join(plan.answers, 'answers.json'), JSON.stringify({ taken, exported }));
});
