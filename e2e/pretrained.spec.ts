/**
 * @file Pretrained weights from upstream through the studio's server into the page, with every failure on the way.
 *
 * The official file cannot be sent here, so another of its size takes its place: the server gets a list that names it
 * (THORAX_PRETRAINED_CATALOGUE), and its length and hash are put into the page's own list on the way to the browser.
 */

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { PRETRAINED_FILES } from '../src/exchange/catalogue';
import { dropOn } from './helpers/drop';
import { makeSplitFolders } from './helpers/folders';
import { hollowVgg16Model, writeVgg16Base } from './helpers/keras-files';
import { startServing } from './helpers/program';
import { expect, type Studio, test as studioTest } from './helpers/studio';
import { type Delivery, Upstream } from './helpers/upstream';

const OFFICIAL = PRETRAINED_FILES[0];
const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const SMALL = { networks: ['VGG16' as const], epochs: '1', batchSize: '3', inputSize: '32', randomWeights: false };

interface StandIn {
  content: Buffer;
  sizeBytes: number;
  md5: string;
}

const test = studioTest.extend<{ upstream: Upstream }, { standIn: StandIn }>({
  standIn: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern.
    async ({}, use) => {
      const path = join(mkdtempSync(join(tmpdir(), 'thorax-')), OFFICIAL.fileName);
      await writeVgg16Base(path);
      const content = readFileSync(path);
      await use({ content, sizeBytes: content.length, md5: createHash('md5').update(content).digest('hex') });
    },
    { scope: 'worker' },
  ],
  upstream: async ({ standIn }, use) => {
    const upstream = new Upstream(standIn.content);
    await upstream.open();
    await use(upstream);
    await upstream.close();
  },
  baseURL: async ({ upstream, standIn: { sizeBytes, md5 } }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'thorax-'));
    const catalogue = join(folder, 'catalogue.json');
    writeFileSync(catalogue, JSON.stringify([{ ...OFFICIAL, sizeBytes, md5 }]));
    const server = await startServing({
      THORAX_PRETRAINED_UPSTREAM: upstream.address,
      THORAX_PRETRAINED_CATALOGUE: catalogue,
      XDG_CACHE_HOME: folder,
    });
    await use(server.address);
    await server.end();
  },
  page: async ({ page, standIn }, use) => {
    await page.route('**/assets/studio-worker-*.js', async (route) => {
      const response = await route.fetch();
      const script = (await response.text())
        .replace(OFFICIAL.md5, standIn.md5)
        .replace(String(OFFICIAL.sizeBytes), String(standIn.sizeBytes));
      await route.fulfill({ response, body: script });
    });
    await use(page);
  },
});

test.beforeEach(async ({ studio }) => {
  await studio.dropFolder(makeSplitFolders('for-weights', CLASS_NAMES, { train: 2, validation: 1, test: 1 }));
  await studio.expectCounts({ COVID: [2, 1, 1] });
  await studio.prepare(SMALL);
});

const EVERY_FAILURE =
  'every way a download fails has its sentence, a retry and the drop-in; then it goes on and is kept';
test(EVERY_FAILURE, { tag: '@long' }, async ({ studio, upstream, standIn }) => {
  const { page } = studio;
  const button = page.getByRole('button', { name: /^(Download|Retry) VGG16 weights$/ });
  await expect(button).toHaveText('Download');

  const refusals: [Delivery | 'refused', RegExp][] = [
    ['missing', /could not be fetched: 127\.0\.0\.1:\d+ answered 404/],
    ['refused', /127\.0\.0\.1:\d+ cannot be reached from this machine/],
    ['altered', /does not match the checksum that Keras publishes, and was thrown away/],
    ['half', /stopped after [\d,]+ of [\d,]+ bytes/],
  ];
  for (const [delivery, sentence] of refusals) {
    if (delivery === 'refused') await upstream.close();
    else upstream.delivery = delivery;
    await button.click();
    const alert = page.getByRole('alert').filter({ hasText: sentence });
    await expect(alert, delivery).toBeVisible({ timeout: 60_000 });
    await expect(alert).toContainText(OFFICIAL.fileName);
    await expect(alert).toContainText('can be dropped on the training screen instead');
    await expect(button).toHaveText('Retry');
    await expect(page.getByRole('region', { name: 'Drop weights files' })).toBeVisible();
    if (delivery === 'refused') await upstream.open();
  }

  upstream.delivery = 'slow';
  upstream.starts = [];
  await button.click();
  const progress = page.getByRole('progressbar', { name: 'Downloading VGG16 weights' });
  const shown = async () => Number(await progress.getAttribute('aria-valuenow'));
  await expect.poll(shown, { timeout: 30_000 }).toBeGreaterThan(50);
  await expectHere(studio);
  expect(upstream.starts, 'it goes on where it stopped').toEqual([Math.floor(standIn.sizeBytes / 2)]);
  studio.forgiveErrors(/502|Failed to load resource/);

  await page.reload();
  await studio.dropFolder(makeSplitFolders('for-weights', CLASS_NAMES, { train: 2, validation: 1, test: 1 }));
  const [run] = await studio.trainToTheEnd(SMALL, 120_000);
  expect(run).toMatchObject({ status: 'finished', weightsOrigin: 'imagenet' });

  const row = weightsRow(studio);
  await expect(row).toContainText(`${OFFICIAL.fileName}, 56 MB`);
  await row.getByRole('button', { name: 'Remove VGG16 weights' }).click();
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await expectHere(studio);
  await row.getByRole('button', { name: 'Remove VGG16 weights' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toContainText('Missing');
  await expect(button).toHaveText('Download');
  await page.reload();
  await studio.goTo('Train');
  await expect(row).toContainText('Not here');
});

test('a full disk has its sentence, and the retry goes on when there is space', { tag: '@long' }, async ({
  studio,
  upstream,
}) => {
  const { page } = studio;
  const origin = new URL(page.url()).origin;
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 20 * 2 ** 20 });
  const button = page.getByRole('button', { name: /^(Download|Retry) VGG16 weights$/ });
  await button.click();
  await expect(page.getByRole('alert').filter({ hasText: /could not be stored: the disk.* is full/ })).toBeVisible({
    timeout: 60_000,
  });
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await button.click();
  await expectHere(studio);
  expect(upstream.starts, 'the server fetched it once').toEqual([0]);
});

test('without any upstream a whole model of one’s own is imported, and the run says so', { tag: '@long' }, async ({
  studio,
  upstream,
}) => {
  const { page } = studio;
  await upstream.close();
  // The panel is there before a network is ticked, and imports files.
  await page.getByRole('checkbox', { name: 'VGG16', exact: true }).setChecked(false);
  await studio.expectSentence(
    /^No file is kept in this browser yet\. VGG16 and InceptionV3 start from ImageNet weights/,
  );
  const path = join(mkdtempSync(join(tmpdir(), 'thorax-')), 'my-vgg.h5');
  writeFileSync(path, hollowVgg16Model());
  await dropOn(page, 'Drop weights files', [path]);
  await expect(page.getByRole('alert').filter({ hasText: 'my-vgg.h5 fits' })).toBeVisible({ timeout: 30_000 });
  await expectHere(studio);
  await expect(weightsRow(studio)).toContainText('my-vgg.h5');
  await expect(weightsRow(studio)).toContainText(`Own file, in place of Keras’ ${OFFICIAL.fileName}`);
  const [run] = await studio.trainToTheEnd(SMALL, 120_000);
  expect(run).toMatchObject({ status: 'finished', weightsOrigin: 'file' });
  await expect(await studio.comparisonRows()).toContainText('own weights file');
});

async function expectHere({ page }: Studio): Promise<void> {
  await expect(page.getByText('Here', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^(Download|Retry) VGG16 weights$/ })).toHaveCount(0);
}

function weightsRow({ page }: Studio): Locator {
  return page.getByRole('group', { name: 'VGG16 weights file' });
}
