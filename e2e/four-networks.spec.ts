/** @file The whole line with all four networks: train from a folder of 24, compare, explain. */

import { basename } from 'node:path';
import { NETWORKS } from '../src/domain/network';
import { WEIGHTS_KINDS } from '../src/domain/run';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeTwentyFour } from './helpers/folders';
import { expectTellingHeatmap } from './helpers/heatmap';
import { readPredictions, recountAccuracy } from './helpers/records';
import { expect, test } from './helpers/studio';

const SETTINGS = { epochs: '2', batchSize: '4', seed: '1', randomWeights: true };

test('24 images, four networks, four rows, four heatmaps', { tag: '@long' }, async ({ studio }) => {
  test.setTimeout(15 * 60_000);
  await studio.dropFolder(makeTwentyFour());
  await studio.expectCounts({ COVID: [4, 2, 2], HEALTHY: [4, 2, 2], PNEUMONIA: [4, 2, 2] });

  const three = await studio.trainToTheEnd(
    { ...SETTINGS, networks: ['Baseline', 'VGG16', 'DenseNet121'], inputSize: '32' },
    10 * 60_000,
  );
  const inception = await studio.trainToTheEnd(
    { ...SETTINGS, networks: ['InceptionV3'], inputSize: '75' },
    10 * 60_000,
  );
  const runs = [...three, ...inception];
  for (const run of runs) {
    expect(run.status, `${run.recipe.network}: ${run.failure}`).toBe('finished');
    expect(run.weightsOrigin).toBe('random');
    expect(run.epochs).toHaveLength(2);
    const predictions = await readPredictions(studio.page, run);
    for (const weights of WEIGHTS_KINDS) {
      expect(predictions[weights]).toHaveLength(6);
      expect(run.test[weights]?.accuracy).toBeCloseTo(recountAccuracy(predictions[weights]), 10);
    }
  }

  const rows = await studio.comparisonRows();
  await expect(rows).toHaveCount(4);
  for (const { recipe, parameterCount } of runs) {
    const row = rows.filter({ hasText: NETWORKS[recipe.network].name });
    await expect(row).toHaveCount(1);
    await expect(row).toContainText(parameterCount.toLocaleString('en'));
  }
  await expect(rows.filter({ hasText: 'VGG16' })).toContainText(/random weights/i);

  const file = makeRadiograph();
  await studio.goTo('Explain');
  await dropOn(studio.page, 'Drop radiographs', [file]);
  for (const { name } of Object.values(NETWORKS)) await expectTellingHeatmap(studio.page, name, basename(file));
});
