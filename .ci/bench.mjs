/**
 * @file `npm run bench`: the benchmark in a headless browser, or with `--open` in your own.
 *
 * `npm run bench -- --network vgg16 --json numbers.json`; an unknown option prints all of them. The page is served by Vite and
 * sends what it measures back here.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBench, refuse, showEvent } from './bench-kit.mjs';
import { ISOLATION } from './headers.mjs';
import { ROOT } from './install.mjs';

const PAGE = '/src/bench/page.html';

const { vite, task } = await openBench({ host: '127.0.0.1' });
vite.middlewares.use('/bench-task', (_request, response) => {
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(task));
});
vite.middlewares.use('/bench-event', (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    response.end();
    const code = await showEvent(vite, task, JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (code !== null) await end(code);
  });
});
vite.middlewares.use(PAGE, async (_request, response) => {
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'text/html').end(await vite.transformIndexHtml(PAGE, page));
});
await vite.listen();
const listening = vite.httpServer?.address();
if (!listening || typeof listening === 'string') refuse('The page cannot be served on this machine.');
const address = `http://localhost:${listening.port}${PAGE}`;

/** @type {import('playwright').Browser | null} */
let browser = null;
if (task.options.open) console.log(`Open this address in the browser to measure:\n\n${address}\n`);
else browser = await startBrowser();

async function startBrowser() {
  const { findOrInstallBrowser, browserLaunchOptions } = await import('./browser.mjs');
  const found = await findOrInstallBrowser();
  if (!found) refuse('No browser: install Chrome or Chromium, or open the page in your own with --open.');
  console.log(`Measured in: ${found.name}`);
  const { chromium } = await import('playwright');
  const started = await chromium.launch({ headless: true, ...browserLaunchOptions() });
  const page = await started.newPage();
  page.on('crash', () => refuse('The page crashed, most likely out of memory: try a smaller --input-size or --batch.'));
  page.on('pageerror', (error) => refuse(`The page failed: ${error.message}`));
  await page.goto(address);
  return started;
}

/** @param {number} code */
async function end(code) {
  await browser?.close();
  process.exit(code);
}
