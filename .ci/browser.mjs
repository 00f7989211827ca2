/**
 * @file Which browser the tests run in, and how it is started.
 *
 * Order: Playwright's own Chromium, an installed Chrome or Chromium, then whatever `findOrInstallBrowser` can install.
 */

import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** WebGPU through SwiftShader on machines without a GPU; no calls home, so that tests need no network. */
const ARGUMENTS = [
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const SYSTEM_BROWSERS = [
  process.env.THORAX_BROWSER,
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  process.env.PROGRAMFILES && `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
  process.env.LOCALAPPDATA && `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
];

/**
 * The browser that is there already, or null.
 * @returns {{ name: string, executablePath: string | null } | null} a null path means Playwright's own.
 */
export function findBrowser() {
  if (existsSync(chromium.executablePath())) return { name: "Playwright's own Chromium", executablePath: null };
  const found = SYSTEM_BROWSERS.find((path) => path && existsSync(path));
  return found ? { name: found, executablePath: found } : null;
}

/** Launch options for Playwright and for Vitest's Playwright provider. */
export function browserLaunchOptions() {
  const browser = findBrowser();
  // The chromium channel is the full browser in new headless mode; the default headless shell may offer no WebGPU.
  const where = browser?.executablePath ? { executablePath: browser.executablePath } : { channel: 'chromium' };
  const root = process.getuid?.() === 0;
  return { ...where, args: root ? ['--no-sandbox', ...ARGUMENTS] : ARGUMENTS };
}
