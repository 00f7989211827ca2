/** @file Explaining with one trained network: several files at once, one of them no image. */

import { basename } from 'node:path';
import { dropOn } from './helpers/drop';
import { addFile, makeEmptyFolder, makeRadiograph, makeTwentyFour } from './helpers/folders';
import { expectTellingHeatmap } from './helpers/heatmap';
import { drawRadiograph } from './helpers/images';
import { expect, test } from './helpers/studio';

test('a heatmap for every radiograph, a sentence for what is none', async ({ studio }) => {
  const { page } = studio;
  await studio.dropFolder(makeTwentyFour());
  await studio.trainToTheEnd({ networks: ['Baseline'], epochs: '3', batchSize: '4', inputSize: '32' }, 90_000);

  const file = makeRadiograph();
  const folder = makeEmptyFolder('more');
  addFile(folder, 'second.png', drawRadiograph(1, 7, 64));
  addFile(folder, 'words.png', 'This is no image.');
  await studio.goTo('Explain');
  await dropOn(page, 'Drop radiographs', [file, `${folder}/second.png`, `${folder}/words.png`]);

  await expectTellingHeatmap(page, 'Baseline', basename(file));
  await expect(page.getByRole('figure', { name: 'Heatmap Baseline second.png' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('alert').filter({ hasText: 'words.png' })).toBeVisible();
  await expect(page.getByText(/not for diagnosis/i).first()).toBeVisible();
});
