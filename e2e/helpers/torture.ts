/**
 * @file Kills the browser again and again while it trains, and continues the run after each kill.
 *
 * In turn the kill comes at a random moment, and as soon as a file of a checkpoint is being written. A run that comes to its
 * end is compared with one that nothing cut off, and the next begins, until there were kills enough.
 */

import { expect, type Page } from '@playwright/test';
import { KillableBrowser } from './killable-browser';
import { readRuns } from './records';
import { Studio, type TrainingSettings } from './studio';
import { readTrained } from './trained';

export interface TortureOptions {
  address: string;
  device: 'processor' | 'webgpu';
  kills: number;
  /** Dropped anew after each start: a browser that was killed has forgotten that it may read it. */
  folder: string;
  settings: TrainingSettings;
  /** Longest time from a start of the training to a kill. */
  longestMs: number;
}

export interface TortureCounts {
  kills: number;
  /** How many of them while a file of a checkpoint was being written. */
  whileSaving: number;
  /** How many came before the run was stored, or after it had ended. */
  outsideRun: number;
  /** Runs that were continued to their end, and how many of them ended with other numbers than the one nothing cut off. */
  runs: number;
  different: number;
  /** Starts after a kill that did not go on from the last epoch that the record speaks of. */
  stepsBack: number;
  /** Starts after a kill that reported a damaged checkpoint. */
  damaged: number;
}

/** @returns what happened; a run that cannot be continued throws. */
export async function torture(options: TortureOptions): Promise<TortureCounts> {
  const browser = new KillableBrowser();
  try {
    return await new Torture(browser, options).run();
  } finally {
    await browser.dispose();
  }
}

class Torture {
  private readonly counts: TortureCounts = {
    kills: 0,
    whileSaving: 0,
    outsideRun: 0,
    runs: 0,
    different: 0,
    stepsBack: 0,
    damaged: 0,
  };

  constructor(
    private readonly browser: KillableBrowser,
    private readonly options: TortureOptions,
  ) {}

  async run(): Promise<TortureCounts> {
    const { settings, kills } = this.options;
    let studio = await this.open();
    const [whole] = await studio.trainToTheEnd(settings, 10 * 60_000);
    const expected = await readTrained(studio.page, whole.id);
    expect(expected.status).toBe('finished');
    let before = 1;
    while (this.counts.kills < kills) {
      await studio.prepare(settings);
      await studio.train.click();
      while (this.counts.kills < kills && (await this.isGoing(studio.page, before))) {
        await this.kill(studio.page, before);
        studio = await this.open();
        await this.goOn(studio, before);
      }
      const [ended] = await studio.waitForRuns(before, 1, 10 * 60_000);
      this.counts.runs += 1;
      const trained = await readTrained(studio.page, ended.id);
      if (JSON.stringify(trained) !== JSON.stringify(expected)) this.counts.different += 1;
      before += 1;
    }
    return this.counts;
  }

  private async open(): Promise<Studio> {
    const { address, device, folder } = this.options;
    const studio = new Studio(await this.browser.start());
    await studio.page.goto(`${address}?device=${device}`);
    await studio.dropFolder(folder);
    await expect(studio.summary).toBeVisible({ timeout: 60_000 });
    return studio;
  }

  /** False once the run has ended. */
  private async isGoing(page: Page, before: number): Promise<boolean> {
    const run = (await readRuns(page))[before];
    return run === undefined || run.status === 'running';
  }

  private async kill(page: Page, before: number): Promise<void> {
    const { longestMs } = this.options;
    const isWhileSaving = this.counts.kills % 2 === 1 && (await waitForUnfinishedFile(page, longestMs));
    if (!isWhileSaving) await page.waitForTimeout(Math.random() * longestMs);
    if (!isWhileSaving && !(await this.isGoing(page, before))) this.counts.outsideRun += 1;
    await this.browser.kill();
    this.counts.kills += 1;
    if (isWhileSaving) this.counts.whileSaving += 1;
  }

  /** Continues the run that was killed, or the queue where it had not begun; one that had ended stays as it is. */
  private async goOn(studio: Studio, before: number): Promise<void> {
    const { page } = studio;
    const run = (await readRuns(page))[before];
    if (run && run.status !== 'running') return;
    await studio.goTo('Train');
    if (!run) {
      this.counts.outsideRun += 1;
      await page.getByRole('button', { name: 'Continue queue' }).click();
      return;
    }
    await page.getByRole('button', { name: 'Continue run' }).first().click();
    const stored = run.epochs.length;
    if (stored === 0) return;
    const said = page.getByRole('alert').filter({ hasText: 'Continued' });
    const words = await said.innerText({ timeout: 60_000 });
    const epoch = Number(/after epoch (\d+)/.exec(words)?.[1] ?? -1);
    if (epoch < stored) this.counts.stepsBack += 1;
    if (/damaged/.test(words)) this.counts.damaged += 1;
  }
}

/** Resolves as soon as a file of a run's checkpoint is being written; false when none was within this time. */
function waitForUnfinishedFile(page: Page, timeoutMs: number): Promise<boolean> {
  return page.evaluate(async (limitMs) => {
    const root = await navigator.storage.getDirectory();
    const until = performance.now() + limitMs;
    while (performance.now() < until) {
      const runs = await root.getDirectoryHandle('runs').catch(() => null);
      for await (const run of runs?.values() ?? []) {
        if (!(run instanceof FileSystemDirectoryHandle)) continue;
        for await (const name of run.keys()) if (name.endsWith('.part')) return true;
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
    return false;
  }, timeoutMs);
}
