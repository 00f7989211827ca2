/** @file The whole line with all four networks: train from a folder of 24, compare, explain. */

import { basename } from 'node:path';
import { NETWORKS } from '../src/domain/network';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeTwentyFour } from './helpers/folders';
import { type HeatmapLook, readHeatmap } from './helpers/heatmap';
import { recountAccuracy } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';

const SETTINGS = { epochs: '2', batchSize: '4', seed: '1', randomWeights: true };

test('24 images, four networks, four rows, four heatmaps', async ({ studio }) => {
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
    for (const evaluation of [run.test.last, run.test.best]) {
      expect(evaluation?.predictions).toHaveLength(6);
      if (evaluation) expect(evaluation.accuracy).toBeCloseTo(recountAccuracy(evaluation), 10);
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

  await explainEverywhere(studio);
});

/** Each network has a heatmap that is not constant and changes with the class. */
async function explainEverywhere(studio: Studio): Promise<void> {
  const file = makeRadiograph();
  await studio.goTo('Explain');
  await dropOn(studio.page, 'Drop radiographs', [file]);
  for (const { name } of Object.values(NETWORKS)) {
    const figure = studio.page.getByRole('figure', { name: `Heatmap ${name} ${basename(file)}` });
    await expect(figure).toBeVisible({ timeout: 120_000 });
    const choice = figure.getByRole('combobox', { name: 'Heatmap of class' });
    const looks: (HeatmapLook | null)[] = [];
    for (const classIndex of ['0', '1', '2']) {
      await choice.selectOption(classIndex);
      // The choice shows a class once its map is there.
      await expect(choice).toHaveValue(classIndex, { timeout: 60_000 });
      looks.push(await readHeatmap(figure));
    }
    const shown = looks.filter((look) => look !== null);
    expect(shown.length, `${name}: maps with positive evidence`).toBeGreaterThan(0);
    for (const look of shown) expect(look.spread, `${name}: not constant`).toBeGreaterThan(10);
    const distinct = new Set(looks.map((look) => JSON.stringify(look?.points ?? null)));
    expect(distinct.size, `${name}: changes with the class`).toBeGreaterThan(1);
  }
  await expect(studio.page.getByText(/not for diagnosis/i).first()).toBeVisible();
}
