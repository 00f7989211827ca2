/**
 * @file A browser that can be killed at any moment, with all its processes, and started again with what it had stored.
 *
 * Playwright's own `launch` neither keeps a profile past such a death nor names the process, so the browser is started here and
 * spoken to over the DevTools protocol.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { browserLaunchOptions, findBrowser } from '../../.ci/browser.mjs';

const START_MS = 30_000;

/** One profile, and the browser that runs on it at the moment. */
export class KillableBrowser {
  private readonly profile = mkdtempSync(join(tmpdir(), 'thorax-profile-'));
  private child: ChildProcess | null = null;
  private browser: Browser | null = null;

  /** Starts the browser. @returns its page */
  async start(): Promise<Page> {
    const program = findBrowser()?.executablePath ?? chromium.executablePath();
    const portFile = join(this.profile, 'DevToolsActivePort');
    rmSync(portFile, { force: true });
    const words = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${this.profile}`];
    // A group of its own, so that a kill reaches every process of it.
    this.child = spawn(program, [...browserLaunchOptions().args, ...words, 'about:blank'], {
      detached: true,
      stdio: 'ignore',
    });
    const address = await waitForAddress(portFile);
    this.browser = await chromium.connectOverCDP(address);
    const [context] = this.browser.contexts();
    return context.pages()[0] ?? (await context.newPage());
  }

  /** SIGKILL to all its processes; resolves when the browser has ended. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    this.child = null;
    await this.browser?.close().catch(() => undefined);
  }

  /** Ends the browser and removes its profile. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function waitForAddress(portFile: string): Promise<string> {
  const until = Date.now() + START_MS;
  for (;;) {
    const [port] = readIfThere(portFile).split('\n');
    if (port) return `http://127.0.0.1:${port}`;
    if (Date.now() > until) throw new Error('The browser did not start.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
