/**
 * @file The studio as a person meets it: every control by the role and name of SPEC section 8.
 *
 * `test` opens the page and, when a test ends, demands that the console stayed free of errors.
 */

import { test as base, expect, type Locator, type Page } from '@playwright/test';
import type { RunRecord } from '../../src/domain/run';
import { dropOn } from './drop';
import { readRuns } from './records';

export type ScreenName = 'Dataset' | 'Train' | 'Compare' | 'Explain';
export type NetworkName = 'Baseline' | 'VGG16' | 'InceptionV3' | 'DenseNet121';

const NETWORKS: NetworkName[] = ['Baseline', 'VGG16', 'InceptionV3', 'DenseNet121'];

export interface TrainingSettings {
  networks: NetworkName[];
  epochs?: string;
  batchSize?: string;
  inputSize?: string;
  seed?: string;
  randomWeights?: boolean;
}

export class Studio {
  readonly problems: Locator;
  readonly summary: Locator;
  readonly train: Locator;
  readonly pause: Locator;
  readonly resume: Locator;
  readonly stop: Locator;
  readonly progress: Locator;
  readonly comparison: Locator;
  /** The status line of what computes. */
  readonly device: Locator;
  /** Errors the page or its workers wrote to the console or threw. */
  consoleErrors: string[] = [];

  constructor(readonly page: Page) {
    this.problems = page.getByRole('list', { name: 'Dataset problems' });
    this.summary = page.getByRole('region', { name: 'Dataset summary' });
    this.train = page.getByRole('button', { name: 'Train', exact: true });
    this.pause = page.getByRole('button', { name: 'Pause', exact: true });
    this.resume = page.getByRole('button', { name: 'Resume', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.progress = page.getByRole('progressbar', { name: 'Training progress' });
    this.comparison = page.getByRole('table', { name: 'Test comparison' });
    this.device = page.getByRole('status', { name: 'GPU' });
    page.on('console', (message) => {
      if (message.type() === 'error') this.consoleErrors.push(message.text());
    });
    page.on('pageerror', (error) => this.consoleErrors.push(String(error.stack ?? error)));
  }

  /** @param search for example `?device=processor`. */
  async open(search = ''): Promise<void> {
    await this.page.goto(`/${search}`);
    await expect(this.page.getByRole('tab', { name: 'Dataset' })).toBeVisible();
  }

  /** What computes, without the menu's words: `Processor, 2 threads`. */
  async deviceText(): Promise<string> {
    return (await this.device.innerText()).trim();
  }

  async goTo(screen: ScreenName): Promise<void> {
    await this.page.getByRole('tab', { name: screen, exact: true }).click();
  }

  /** Forgets the errors so far that match: those a test provokes. */
  forgiveErrors(pattern: RegExp): void {
    this.consoleErrors = this.consoleErrors.filter((text) => !pattern.test(text));
  }

  // Dataset

  async dropFolder(...paths: string[]): Promise<void> {
    await this.goTo('Dataset');
    await dropOn(this.page, 'Drop a dataset folder', paths);
  }

  async openSample(): Promise<void> {
    await this.goTo('Dataset');
    await this.page.getByRole('button', { name: 'Try the sample dataset' }).click();
  }

  /** Waits until the summary shows these counts, in the order train, validation, test. */
  async expectCounts(counts: Record<string, [number, number, number]>): Promise<void> {
    for (const [className, expected] of Object.entries(counts)) {
      await expect
        .poll(() => this.countsOf(className), { message: `images of ${className}`, timeout: 90_000 })
        .toEqual(expected);
    }
  }

  /** The first three whole numbers of the class's row. */
  private async countsOf(className: string): Promise<number[] | null> {
    const row = this.summary.getByRole('row').filter({ hasText: className });
    if ((await row.count()) !== 1) return null;
    const cells = await row.getByRole('cell').allInnerTexts();
    const numbers = cells.map((text) => text.replaceAll(',', '').trim()).filter((text) => /^\d+/.test(text));
    return numbers.slice(0, 3).map((text) => Number.parseInt(text, 10));
  }

  // Training

  field(name: string): Locator {
    const { page } = this;
    return page.getByRole('textbox', { name, exact: true }).or(page.getByRole('spinbutton', { name, exact: true }));
  }

  async setField(name: string, value: string): Promise<void> {
    await this.field(name).fill(value);
    await this.field(name).blur();
  }

  /** Switches by keyboard, because a styled switch hides the input that has the role. */
  async setRandomWeights(on: boolean): Promise<void> {
    const toggle = this.page.getByRole('switch', { name: 'Start from random weights' });
    if ((await toggle.isChecked()) === on) return;
    await toggle.focus();
    await this.page.keyboard.press('Space');
    await expect(toggle).toBeChecked({ checked: on });
  }

  /** Goes to the training screen and fills in what is given; the networks not named are unchecked. */
  async prepare(settings: TrainingSettings): Promise<void> {
    await this.goTo('Train');
    for (const name of NETWORKS) {
      const box = this.page.getByRole('checkbox', { name, exact: true });
      await box.setChecked(settings.networks.includes(name));
    }
    const fields: [string, string | undefined][] = [
      ['Epochs', settings.epochs],
      ['Batch size', settings.batchSize],
      ['Input size', settings.inputSize],
      ['Seed', settings.seed],
    ];
    for (const [name, value] of fields) if (value !== undefined) await this.setField(name, value);
    if (settings.randomWeights !== undefined) await this.setRandomWeights(settings.randomWeights);
  }

  /** Prepares, clicks Train and waits until a run per network has ended; returns those runs, oldest first. */
  async trainToTheEnd(settings: TrainingSettings, timeoutMs: number): Promise<RunRecord[]> {
    const before = (await readRuns(this.page)).length;
    await this.prepare(settings);
    await this.train.click();
    return await this.waitForRuns(before, settings.networks.length, timeoutMs);
  }

  /** Waits until `count` runs beyond the first `before` are stored and none of them is running. */
  async waitForRuns(before: number, count: number, timeoutMs: number): Promise<RunRecord[]> {
    const fresh = async () => (await readRuns(this.page)).slice(before);
    await expect
      .poll(async () => (await fresh()).filter(({ status }) => status !== 'running').length, {
        message: 'runs that ended',
        timeout: timeoutMs,
        intervals: [1000],
      })
      .toBe(count);
    return await fresh();
  }

  /** Rows of the comparison without the one of column names; opens the screen. */
  async comparisonRows(): Promise<Locator> {
    await this.goTo('Compare');
    return this.comparison.getByRole('row').filter({ hasNot: this.page.getByRole('columnheader') });
  }

  /** A sentence somewhere on the screen. */
  async expectSentence(text: RegExp): Promise<void> {
    await expect(this.page.getByText(text).filter({ visible: true }).first()).toBeVisible({ timeout: 30_000 });
  }
}

export const test = base.extend<{ studio: Studio }>({
  studio: async ({ page }, use) => {
    const studio = new Studio(page);
    await studio.open();
    await use(studio);
    expect(studio.consoleErrors, 'errors in the console').toEqual([]);
  },
});

export { expect };
