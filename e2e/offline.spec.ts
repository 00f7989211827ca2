/** @file The studio kept in the browser: it starts without its server, isolated, and takes a new version only when asked to. */

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import send from 'send';
import { PretrainedCache } from '../.ci/pretrained-cache.mjs';
import { studioHandler } from '../.ci/studio-server.mjs';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeSplitFolders } from './helpers/folders';
import { expect, Studio, test as studioTest } from './helpers/studio';

const BUILT = 'dist';

const test = studioTest.extend<{ serve: (handler: RequestListener) => Promise<{ address: string; stop: () => void }> }>(
  {
    serve: async ({ baseURL: _ }, use) => {
      const servers: Server[] = [];
      await use(async (handler) => {
        const server = createServer(handler);
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const stop = () => {
          server.closeAllConnections();
          server.close();
        };
        return { address: `http://localhost:${(server.address() as AddressInfo).port}/`, stop };
      });
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  },
);
test.use({ serviceWorkers: 'allow' });

function handlerOf(folder: string): RequestListener {
  return studioHandler({ folder, catalogue: [], cache: new PretrainedCache() });
}

/** Opens the studio and waits until it is kept. */
async function openKept(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByText('Starts without a network.')).toBeVisible({ timeout: 60_000 });
}

function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
    return requests.map(({ url }) => new URL(url).pathname).sort();
  });
}

test('starts after its server has stopped, isolated, with everything that belongs to it', async ({ page, serve }) => {
  const { address, stop } = await serve(handlerOf(BUILT));
  await openKept(page, address);
  stop();
  await page.goto(`${address}?device=processor`);
  await expect(page.getByRole('status', { name: 'GPU' })).toContainText(/Processor, \d+ thread/, { timeout: 60_000 });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

  const built = readdirSync(BUILT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(await keptPaths(page)).toHaveLength(built.length - 1);
  const notices = await page.evaluate(async () => (await fetch('/third-party-notices.txt')).text());
  expect(notices).toContain('NIST-developed software');
  await expect(page.evaluate(() => fetch('/pretrained/other.h5'))).rejects.toThrow('Failed to fetch');
});

test('trains and explains after its server has stopped', { tag: '@long' }, async ({ page, serve }) => {
  const studio = new Studio(page);
  const { address, stop } = await serve(handlerOf(BUILT));
  await openKept(page, address);
  stop();
  await page.reload();
  const kept = await keptPaths(page);
  await studio.dropFolder(makeSplitFolders('without-server', ['ill', 'well'], { train: 8, validation: 2, test: 2 }));
  await studio.expectCounts({ ill: [8, 2, 2], well: [8, 2, 2] });
  const settings = { networks: ['Baseline' as const], epochs: '2', batchSize: '4', inputSize: '32' };
  const [run] = await studio.trainToTheEnd(settings, 120_000);
  expect(run.status).toBe('finished');
  await studio.goTo('Explain');
  await dropOn(page, 'Drop radiographs', [makeRadiograph()]);
  await expect(page.getByRole('figure', { name: /^Heatmap Baseline/ })).toBeVisible({ timeout: 60_000 });
  expect(await keptPaths(page), 'no radiograph is kept').toEqual(kept);
});

test('is isolated from the second visit on where another web server sends no headers', async ({ page, serve }) => {
  const { address } = await serve((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    send(request, path, { root: join(process.cwd(), BUILT) }).pipe(response);
  });
  await openKept(page, address);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  // What the page's own tag says holds from the first visit on.
  await expect(page.evaluate(() => fetch('https://other.example/'))).rejects.toThrow('Failed to fetch');
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Dataset' })).toBeVisible();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('offers a new version, takes it when asked to and nobody trains, and forgets the old one', async ({
  page,
  context,
  serve,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'thorax-'));
  cpSync(BUILT, folder, { recursive: true });
  const { address } = await serve(handlerOf(folder));
  await openKept(page, address);
  await page.reload();
  const other = await context.newPage();
  await other.goto(address);
  writeNextVersion(folder);

  await page.reload();
  const notice = page.getByRole('alert').filter({ hasText: 'A new version is ready' });
  await expect(notice).toBeVisible({ timeout: 60_000 });
  await expect(page).toHaveTitle('Thorax');
  // As a training holds it.
  await other.evaluate(() => {
    void navigator.locks.request(
      'thorax-run-other',
      () => new Promise<void>((resolve) => void Object.assign(window, { endTraining: resolve })),
    );
  });
  await notice.getByRole('button', { name: 'Use the new version' }).click();
  await expect(notice).toContainText('A network is being trained, here or in another tab.');
  await expect(page).toHaveTitle('Thorax');

  await other.evaluate(() => Reflect.get(window, 'endTraining')());
  await notice.getByRole('button', { name: 'Use the new version' }).click();
  await expect(page).toHaveTitle('Next Thorax', { timeout: 30_000 });
  await expect(notice).toHaveCount(0);
  await expect(other.getByRole('alert').filter({ hasText: 'Another tab uses a new version' })).toBeVisible();
  await expect(other).toHaveTitle('Thorax');
  expect(await page.evaluate(() => caches.keys())).toEqual(['thorax-next']);
  await other.getByRole('button', { name: 'Use the new version' }).click();
  await expect(other).toHaveTitle('Next Thorax');
});

/** Puts a build with another title and another version number in the place of the one that is there. */
function writeNextVersion(folder: string): void {
  const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const [pagePath, workerPath] = ['index.html', 'service-worker.js'].map((name) => join(folder, name));
  const before = readFileSync(pagePath, 'utf8');
  const after = before.replace('<title>Thorax', '<title>Next Thorax');
  writeFileSync(pagePath, after);
  const worker = readFileSync(workerPath, 'utf8');
  const next = worker.replace(hashOf(before), hashOf(after)).replace(/version:(.)[0-9a-f]{16}\1/, 'version:$1next$1');
  if (!next.includes('next') || !next.includes(hashOf(after)))
    throw new Error('The service worker is built in another way.');
  writeFileSync(workerPath, next);
}
