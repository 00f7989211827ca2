/**
 * @file Which browser the tests run in, and how it is started.
 *
 * Order: Playwright's own Chromium, an installed Chrome or Chromium, one that Playwright
 * installs, Debian's package.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { runCommand, runInstalled } from './install.mjs';

const INSTALL_LIMIT_MS = 5 * 60_000;

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

/**
 * The browser that is there, else one installed now: by Playwright, else Debian's package where apt-get and root are at
 * hand. Says each thing it tries.
 * @returns {Promise<{ name: string, executablePath: string | null } | null>} null when there is none to be had.
 */
export async function findOrInstallBrowser() {
  const present = findBrowser();
  if (present) return present;

  console.log('No browser found; asking Playwright to install Chromium.');
  // System libraries need root; without it the download alone may do.
  const withLibraries = isRoot() ? ['--with-deps'] : [];
  await runInstalled('playwright/cli.js', ['install', ...withLibraries, '--no-shell', 'chromium'], {
    timeout: INSTALL_LIMIT_MS,
  });
  const downloaded = findBrowser();
  if (downloaded || !isRoot() || spawnSync('apt-get', ['--version']).status !== 0) return downloaded;

  console.log("Playwright could not; installing Debian's package chromium.");
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { timeout: INSTALL_LIMIT_MS, env: environment });
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    timeout: INSTALL_LIMIT_MS,
    env: environment,
  });
  return findBrowser();
}

function isRoot() {
  return process.getuid?.() === 0;
}

/** Launch options for Playwright and for Vitest's Playwright provider. */
export function browserLaunchOptions() {
  const browser = findBrowser();
  // The chromium channel is the full browser in new headless mode; the default headless shell may offer no WebGPU.
  const where = browser?.executablePath ? { executablePath: browser.executablePath } : { channel: 'chromium' };
  return { ...where, args: isRoot() ? ['--no-sandbox', ...ARGUMENTS] : ARGUMENTS };
}
