/** @file Weights files that are none, are cut short, or belong elsewhere: each gets a sentence that names it. */

import h5wasm from 'h5wasm/node';
import { dropOn } from './helpers/drop';
import { addFile, makeEmptyFolder, makeSplitFolders } from './helpers/folders';
import { expect, test } from './helpers/studio';

const HDF5_SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

test('a weights file that does not fit is refused by name', async ({ studio }) => {
  const folder = makeEmptyFolder('weights');
  addFile(folder, 'words.h5', 'These are no weights.');
  addFile(folder, 'cut-short.h5', Buffer.concat([HDF5_SIGNATURE, Buffer.alloc(2000)]));
  await writeOtherNetwork(`${folder}/other.h5`);

  await studio.dropFolder(makeSplitFolders('for-weights', ['ill', 'well'], { train: 4, validation: 2, test: 2 }));
  await studio.expectCounts({ ill: [4, 2, 2] });
  await studio.prepare({ networks: ['VGG16'], randomWeights: false });
  for (const name of ['words.h5', 'cut-short.h5', 'other.h5']) {
    await dropOn(studio.page, 'Drop weights files', [`${folder}/${name}`]);
    await expect(studio.page.getByRole('alert').filter({ hasText: name })).toBeVisible({ timeout: 30_000 });
  }
  // The HDF5 library writes its own account of a damaged file to the console.
  studio.forgiveErrors(/HDF5|H5|minor:|major:/);
  // What was open stays.
  await studio.goTo('Dataset');
  await studio.expectCounts({ ill: [4, 2, 2] });
});

/** A Keras weights file with one layer that no network here has. */
async function writeOtherNetwork(path: string): Promise<void> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  file.create_attribute('layer_names', ['stranger']);
  const layer = file.create_group('stranger');
  layer.create_attribute('weight_names', ['stranger/kernel:0']);
  layer.create_group('stranger').create_dataset({ name: 'kernel:0', data: new Float32Array(6), shape: [2, 3] });
  file.close();
}
