/**
 * @file Nothing leaves the machine: every request stays at the origin, none is needed once the page is loaded, and what tries to
 * leave is blocked.
 */

import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { browserLaunchOptions } from '../.ci/browser.mjs';
import { dropOn } from './helpers/drop';
import { makeRadiograph, makeSplitFolders } from './helpers/folders';
import { requestsInNetLog } from './helpers/net-log';
import { expect, Studio, test as studioTest } from './helpers/studio';

/** Another origin, which hears whatever reaches it. */
class OtherSite {
  heard: string[] = [];
  private readonly server: Server = createServer((request, response) => {
    this.heard.push(`${request.method} ${request.url}`);
    const page = request.url?.startsWith('/frame?') ? `<iframe src="${request.url.slice(7)}"></iframe>` : 'heard';
    response.writeHead(200, { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': '*' }).end(page);
  });

  open = () => new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  close = () => {
    this.server.closeAllConnections();
    this.server.close();
  };
  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

const test = studioTest.extend<{ otherSite: OtherSite }>({
  otherSite: async ({ baseURL: _ }, use) => {
    const site = new OtherSite();
    await site.open();
    await use(site);
    site.close();
  },
});

test('the whole flow works with the network blocked after load, and no request of it leaves the origin', async ({
  baseURL,
}) => {
  const { origin } = new URL(baseURL ?? '');
  const netLog = join(mkdtempSync(join(tmpdir(), 'thorax-')), 'net-log.json');
  const options = browserLaunchOptions();
  const browser = await chromium.launch({ ...options, args: [...options.args, `--log-net-log=${netLog}`] });
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'allow',
  });
  const page = await context.newPage();
  const studio = new Studio(page);
  const answer = await page.goto('/', { waitUntil: 'networkidle' });
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
  // The studio worker is loaded, and the service worker has what it keeps.
  await expect(studio.device).toContainText(/WebGPU|Processor/, { timeout: 60_000 });
  await expect(page.getByText('Starts without a network.')).toBeVisible({ timeout: 60_000 });

  await context.setOffline(true);
  await studio.dropFolder(makeSplitFolders('offline', ['ill', 'well'], { train: 8, validation: 2, test: 2 }));
  await studio.expectCounts({ ill: [8, 2, 2], well: [8, 2, 2] });
  const [run] = await studio.trainToTheEnd(
    { networks: ['Baseline'], epochs: '2', batchSize: '4', inputSize: '32' },
    90_000,
  );
  expect(run.status).toBe('finished');
  await expect(await studio.comparisonRows()).toHaveCount(1);
  await studio.goTo('Explain');
  await dropOn(page, 'Drop radiographs', [makeRadiograph()]);
  await expect(page.getByRole('figure', { name: /^Heatmap Baseline/ })).toBeVisible({ timeout: 60_000 });
  // The worker that reads a dropped file starts without a request, also the second one.
  await studio.goTo('Compare');
  for (const image of [makeRadiograph(), makeRadiograph()]) {
    await dropOn(page, 'Drop a Keras model', [image]);
    await expect(page.getByRole('alert').filter({ hasText: 'is not an HDF5 file' })).toBeVisible({ timeout: 60_000 });
    await page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
  }
  await expect(sentLine(page)).toHaveText(/Bytes that have left this page: 0$/);
  expect(studio.consoleErrors).toEqual([]);
  await browser.close();

  const asked = requestsInNetLog(netLog, origin);
  // The icon is asked for by the service worker alone.
  for (const file of ['index-', 'studio-worker-', 'dataset-worker-', 'file-worker-', 'icon-192.png']) {
    expect(
      asked.some((url) => url.includes(file)),
      `${file} is in the record`,
    ).toBe(true);
  }
  expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
});

test('requests to another origin are blocked, from the page and from its workers', async ({ studio, otherSite }) => {
  const { page } = studio;
  await expect(studio.device).toContainText(/WebGPU|Processor/, { timeout: 60_000 });
  expect(listeningWorkers(page).length).toBeGreaterThan(1);
  const tries = [page.evaluate(tryToFetch, otherSite.address)];
  for (const worker of listeningWorkers(page)) tries.push(worker.evaluate(tryToFetch, otherSite.address));
  for (const refused of await Promise.all(tries)) {
    expect(refused).toEqual({ fetch: 'TypeError', xhr: 'refused', script: 'refused', socket: 'refused' });
  }
  const loaded = await page.evaluate(tryToLoad, otherSite.address);
  expect(loaded).toEqual({
    img: 'error',
    script: 'error',
    link: 'error',
    inline: false,
    eval: 'EvalError',
    beacon: true,
  });
  await page.waitForTimeout(1000);
  expect(otherSite.heard).toEqual([]);
  await expect(sentLine(page), 'what is blocked has not left').toHaveText(/page: 0$/);
  expect(studio.consoleErrors.length).toBeGreaterThan(0);
  studio.forgiveErrors(/Content Security Policy|Failed to load resource|WebSocket/);
});

test('a form, a frame and a foreign frame around the page are blocked', async ({ studio, otherSite }) => {
  const { page } = studio;
  const own = page.url();
  for (const action of [otherSite.address, own]) {
    await page.evaluate(submitForm, action);
    await page.waitForTimeout(300);
    expect(page.url()).toBe(own);
  }
  await page.evaluate(addFrame, `${otherSite.address}/inside`);
  await page.waitForTimeout(500);
  expect(otherSite.heard).toEqual([]);
  studio.forgiveErrors(/Content Security Policy/);

  const foreign = await page.context().newPage();
  await foreign.goto(`${otherSite.address}/frame?${own}`);
  await expect.poll(() => foreign.frames()[1]?.url()).toContain('chrome-error:');
});

test('the line of bytes that have left counts what page and workers send', async ({ studio }) => {
  const { page } = studio;
  await expect(studio.device).toContainText(/WebGPU|Processor/, { timeout: 60_000 });
  await expect(sentLine(page)).toHaveText(/page: 0$/);
  await page.evaluate(() => fetch('/thorax.svg'));
  await page.evaluate(() => fetch('/nowhere', { method: 'POST', body: '12345' }));
  await expect(sentLine(page)).toHaveText(/page: 5$/);
  const workers = listeningWorkers(page);
  for (const worker of workers) {
    await worker.evaluate(() => fetch('/nowhere', { method: 'POST', body: new Uint8Array(100) }));
  }
  await expect(sentLine(page)).toHaveText(new RegExp(`page: ${workers.length * 100 + 5}$`));
  studio.forgiveErrors(/405/);
});

/** Those that answer; the processor's threads, which start from kept copies, wait for work without listening. */
function listeningWorkers(page: Page) {
  return page.workers().filter((worker) => !worker.url().startsWith('blob:'));
}

function sentLine(page: Page) {
  return page.getByRole('status', { name: 'Bytes sent' });
}

/** Runs in a page or a worker. */
async function tryToFetch(address: string) {
  const outcome = (open: (done: (word: string) => void) => void) =>
    new Promise<string>((resolve) => {
      try {
        open(resolve);
      } catch {
        resolve('refused');
      }
    });
  return {
    fetch: await fetch(`${address}/fetch`, { method: 'POST', body: 'pixels', mode: 'no-cors' }).then(
      () => 'sent',
      (error: Error) => error.name,
    ),
    xhr: await outcome((done) => {
      const request = new XMLHttpRequest();
      request.onload = () => done('sent');
      request.onerror = () => done('refused');
      request.open('POST', `${address}/xhr`);
      request.send('pixels');
    }),
    script: await import(`${address}/script.js`).then(
      () => 'loaded',
      () => 'refused',
    ),
    socket: await outcome((done) => {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/socket`);
      socket.onopen = () => done('sent');
      socket.onerror = () => done('refused');
    }),
  };
}

/** Runs in a page. */
async function tryToLoad(address: string) {
  const load = (tag: 'img' | 'script' | 'link', attributes: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const element = Object.assign(document.createElement(tag), attributes);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('error');
      document.head.append(element);
    });
  const inline = document.createElement('script');
  inline.textContent = 'window.inlineScriptRan = true';
  document.head.append(inline);
  const img = await load('img', { src: `${address}/pixel.png` });
  // Only after a pause: the code that the test itself gives the browser may evaluate.
  let evaluated = 'ran';
  try {
    // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested.
    eval('1');
  } catch (error) {
    evaluated = (error as Error).name;
  }
  return {
    img,
    script: await load('script', { src: `${address}/script.js` }),
    link: await load('link', { rel: 'stylesheet', href: `${address}/style.css` }),
    inline: 'inlineScriptRan' in window,
    eval: evaluated,
    // The browser takes it, and blocks it later.
    beacon: navigator.sendBeacon(`${address}/beacon`, 'pixels'),
  };
}

/** Runs in a page. */
function submitForm(action: string): void {
  const form = Object.assign(document.createElement('form'), { action, method: 'POST' });
  form.append(Object.assign(document.createElement('input'), { name: 'pixels', value: '1' }));
  document.body.append(form);
  form.submit();
}

/** Runs in a page. */
function addFrame(src: string): void {
  document.body.append(Object.assign(document.createElement('iframe'), { src }));
}
