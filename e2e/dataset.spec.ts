/** @file Opening datasets: the sample, every layout, and what a person may drop by mistake. */

import {
  addFile,
  makeClassFolders,
  makeEmptyFolder,
  makeOddLists,
  makeSplitFolders,
  XRAYS,
  XRAYS_ABSENT_REASON,
  XRAYS_PRESENT,
} from './helpers/folders';
import { drawRadiograph, encodeBlackPng, encodeGreyPng, encodeJpeg } from './helpers/images';
import { expect, type Studio, test } from './helpers/studio';

const SPLIT_COUNTS = { train: 4, validation: 2, test: 2 };

test('the sample dataset opens with 339, 42 and 45 images and is called synthetic', async ({ studio }) => {
  await studio.openSample();
  await expect(studio.summary).toBeVisible({ timeout: 90_000 });
  const rows = studio.summary.getByRole('row');
  await expect(rows.filter({ hasText: /COVID/ })).toBeVisible();
  for (const total of ['339', '42', '45']) await expect(studio.summary).toContainText(total);
  await studio.expectSentence(/synthetic/i);
});

test('a folder with list files, however oddly written', async ({ studio }) => {
  await studio.dropFolder(makeOddLists('odd-lists', ['COVID', 'HEALTHY', 'PNEUMONIA']));
  await studio.expectCounts({ COVID: [4, 2, 2], HEALTHY: [4, 2, 2], PNEUMONIA: [4, 2, 2] });
});

test('train, val and test folders with other class names', async ({ studio }) => {
  await studio.dropFolder(makeSplitFolders('two-kinds', ['fracture', 'no finding'], SPLIT_COUNTS, 'val'));
  await studio.expectCounts({ fracture: [4, 2, 2], 'no finding': [4, 2, 2] });
});

test('a folder per class is split 80/10/10', async ({ studio }) => {
  await studio.dropFolder(makeClassFolders('four-kinds', ['alpha', 'beta', 'delta', 'gamma'], 20));
  await studio.expectCounts({ alpha: [16, 2, 2], beta: [16, 2, 2], delta: [16, 2, 2], gamma: [16, 2, 2] });
});

test('the real radiographs', async ({ studio }) => {
  test.skip(!XRAYS_PRESENT, XRAYS_ABSENT_REASON);
  await studio.dropFolder(XRAYS);
  await studio.expectCounts({ COVID: [95, 14, 15], HEALTHY: [113, 14, 15], PNEUMONIA: [113, 14, 15] });
});

test('files that cannot be used are named with the reason, and the rest goes on', async ({ studio }) => {
  const folder = makeSplitFolders('with-bad-files', ['ill', 'well'], SPLIT_COUNTS);
  const jpeg = await encodeJpeg(studio.page, 200);
  addFile(folder, 'train/ill/whole.jpg', jpeg);
  addFile(folder, 'train/ill/cut.jpg', jpeg.subarray(0, 400));
  addFile(folder, 'train/ill/text.png', 'This is no image.');
  addFile(
    folder,
    'train/well/dot.png',
    encodeGreyPng(1, 1, () => 128),
  );
  addFile(folder, 'train/well/poster.png', encodeBlackPng(12_000, 9_000));
  await studio.dropFolder(folder);
  for (const name of ['cut.jpg', 'text.png', 'dot.png', 'poster.png']) {
    await expect(studio.problems.getByText(name).first()).toBeVisible({ timeout: 60_000 });
  }
  await studio.expectCounts({ ill: [5, 2, 2], well: [4, 2, 2] });
});

test('a list that names files that are not there', async ({ studio }) => {
  const folder = makeOddLists('with-lost-files', ['ill', 'well']);
  addFile(folder, 'testing.txt', './ill/scan 6.png\n./well/scan 6.png\n./ill/lost.png');
  await studio.dropFolder(folder);
  await expect(studio.problems.getByText(/ill\/lost\.png/).first()).toBeVisible();
  await studio.expectCounts({ ill: [4, 2, 1], well: [4, 2, 1] });
});

test('folders nothing can be trained on get a sentence each, and what was open stays', async ({ studio }) => {
  await studio.dropFolder(makeClassFolders('good-one', ['ill', 'well'], 10));
  await studio.expectCounts({ ill: [8, 1, 1], well: [8, 1, 1] });

  await studio.dropFolder(makeEmptyFolder('empty-one'));
  await studio.expectSentence(/empty-one/);
  await expectStillOpen(studio);

  const text = makeEmptyFolder('only-text');
  addFile(text, 'notes.txt', 'no images here');
  await studio.dropFolder(text);
  await studio.expectSentence(/only-text/);
  await expectStillOpen(studio);

  await studio.dropFolder(makeClassFolders('one-class', ['ill'], 10));
  await studio.expectSentence(/one class|only (one )?class|two classes|2 classes/i);
});

test('a folder without images is refused, and the good one stays open and remembered', async ({ studio }) => {
  await studio.dropFolder(makeClassFolders('good-one', ['ill', 'well'], 10));
  await studio.expectCounts({ ill: [8, 1, 1], well: [8, 1, 1] });
  await expect(studio.summary).toContainText(/pixels; 8-bit grey; PNG/);

  const songs = makeEmptyFolder('holiday');
  for (const name of ['Bach', 'Brahms']) addFile(songs, `${name}/1.mp3`, Buffer.from([0x49, 0x44, 0x33, 3, 0]));
  await studio.dropFolder(songs);
  await studio.expectSentence(/no image that can be used in "holiday".*Bach\/1\.mp3 is not an image in a known format/);
  await expectStillOpen(studio);
  await studio.page.reload();
  await expect(studio.page.getByRole('button', { name: 'Reopen good-one' })).toBeVisible();
});

test('opening and checking can be cancelled, and a check gone on with', { tag: '@long' }, async ({ studio }) => {
  const { page } = studio;
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await studio.openSample();
  await cancel.click();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await expect(studio.summary).toBeHidden();

  const folder = makeEmptyFolder('large-one');
  const image = drawRadiograph(0, 0);
  for (let i = 0; i < 3000; i += 1) addFile(folder, `${i % 2 ? 'ill' : 'well'}/person${i}.png`, image);
  await studio.dropFolder(folder);
  await expect(studio.summary).toBeVisible();
  await cancel.click();
  await studio.expectSentence(/The check of the images was cancelled/);
  await expect(studio.problems.getByText(/has not been checked to the end/)).toBeVisible();
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(studio.summary).toContainText(/pixels; 8-bit grey; PNG/, { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Check again' })).toBeHidden();
});

test('a class without an image in a split is named', async ({ studio }) => {
  const folder = makeSplitFolders('hole', ['ill', 'well'], SPLIT_COUNTS);
  for (let i = 0; i < 3; i += 1) addFile(folder, `train/rare/scan-r${i}.png`, drawRadiograph(2, i));
  await studio.dropFolder(folder);
  await expect(studio.problems.getByText(/rare/).first()).toBeVisible();
  await expect(studio.problems.getByText(/validation/).first()).toBeVisible();
});

async function expectStillOpen(studio: Studio): Promise<void> {
  await studio.expectCounts({ ill: [8, 1, 1], well: [8, 1, 1] });
}
