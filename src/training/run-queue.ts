/**
 * @file Trains its way through the stored queue: one run after another, in one tab at a time.
 *
 * An item leaves the queue once the record of its run is stored, so that a tab killed at any moment leaves the item or the
 * record. When a run fails, its record keeps the sentence and the queue goes on. An item that could not be started stays in
 * the queue with its sentence. A run that lost its device continues at once, from its last checkpoint, on the device started
 * anew; domain/recovery.ts says how often.
 */

import type { DatasetSummary } from '../domain/dataset';
import { type FailureCode, type Reply, StudioError, toFailure } from '../domain/failure';
import { QUEUE_LOCK, runLock } from '../domain/lock-names';
import type { QueueEvent, RunEvent, RunRequest } from '../domain/protocol';
import type { NewQueueItem, QueueItem, QueueState, QueueView } from '../domain/queue';
import { canContinue, countLosses, heldSentence, MAX_LOSSES } from '../domain/recovery';
import type { RunRecord } from '../domain/run';
import { refusalsOn } from '../domain/start-refusals';
import type { QueueStore } from '../storage/queue-store';
import type { RunStore } from '../storage/run-store';
import type { Tabs } from '../storage/tabs';

export interface QueueStores {
  queue: QueueStore;
  runs: Pick<RunStore, 'get' | 'update'>;
  tabs: Tabs;
}

/** Failures that the next run would meet too: they hold the queue. */
const HOLDING: ReadonlySet<FailureCode> = new Set(['no-gpu', 'gpu-lost', 'storage', 'busy']);

/** This tab's part in the queue: adds, moves and removes items, and trains them while it holds the lock. */
export class RunQueue {
  /** Datasets that are open in this tab, by id. */
  private readonly datasets = new Map<string, DatasetSummary>();
  private onEvent: (event: QueueEvent) => void = () => undefined;
  private listening: Promise<void> | null = null;
  /** Cleared by Stop, and when there is nothing left to train. */
  private wanted = false;
  /** Counts the calls of {@link start}: one may come while the last look at the queue found nothing. */
  private starts = 0;
  private isHere = false;
  private waitingForLock: Promise<void> | null = null;
  private untilFree: Promise<void> | null = null;
  private announcing: Promise<void> = Promise.resolve();

  constructor(
    private readonly openStores: () => Promise<QueueStores>,
    private readonly startRun: (request: RunRequest, onEvent: (event: RunEvent) => void) => Promise<Reply<RunRecord>>,
  ) {}

  async watch(onEvent: (event: QueueEvent) => void): Promise<void> {
    this.onEvent = onEvent;
    this.listening ??= this.listenToTabs();
    await this.listening;
    await this.show();
  }

  /** @throws {StudioError} storage */
  async append(items: readonly NewQueueItem[]): Promise<void> {
    const { queue } = await this.openStores();
    await queue.add(items);
    await this.announce();
  }

  /** @throws {StudioError} storage */
  async move(id: string, toPosition: number): Promise<void> {
    const { queue } = await this.openStores();
    const others = (await this.read()).items.filter((item) => item.id !== id);
    await queue.move(id, others[toPosition]?.id ?? null);
    await this.announce();
  }

  /** @throws {StudioError} busy when it is already training; storage */
  async remove(id: string): Promise<void> {
    const { queue, tabs } = await this.openStores();
    const removed = await tabs.holdIfFree(runLock(id), async () => {
      await queue.remove(id);
      return true;
    });
    if (!removed) throw new StudioError('busy', 'Its turn has come: it is being prepared. End it with Stop.');
    await this.announce();
  }

  /** @throws {StudioError} storage */
  async read(): Promise<QueueView> {
    const { queue, tabs } = await this.openStores();
    const { items, unreadable } = await queue.list();
    const held = await tabs.heldLocks();
    return {
      state: this.readState(tabs, held),
      items: items.filter(({ id }) => !held.has(runLock(id))),
      unreadable,
      datasetIds: [...this.datasets.keys()],
    };
  }

  /** @throws {StudioError} storage */
  async start(dataset: DatasetSummary, retry: boolean): Promise<void> {
    this.datasets.set(dataset.id, dataset);
    const { queue, tabs } = await this.openStores();
    if (retry) {
      const failed = (await queue.list()).items.filter((item) => item.failure && this.datasets.has(item.dataset.id));
      for (const { id } of failed) await queue.setFailure(id, null);
    }
    this.wanted = true;
    this.starts += 1;
    if (this.isHere) return;
    const isElsewhere = (await tabs.heldLocks()).has(QUEUE_LOCK);
    const granted = this.waitForLock(tabs);
    if (!isElsewhere) await granted;
    await this.announce();
  }

  /** Starts nothing more: the current run goes on, and waiting items are kept. */
  async hold(): Promise<void> {
    this.wanted = false;
    const { tabs } = await this.openStores();
    tabs.send('queueStopped');
    await this.announce();
  }

  private async listenToTabs(): Promise<void> {
    const { tabs } = await this.openStores();
    tabs.listen((message) => {
      if (message === 'queueStopped') this.wanted = false;
      if (message === 'runsChanged') this.onEvent({ type: 'runsChanged' });
      else void this.show();
    });
  }

  private readState(tabs: Tabs, held: ReadonlySet<string>): QueueState {
    if (this.isHere) return 'here';
    if (!held.has(QUEUE_LOCK)) return 'held';
    // So that the page is updated when that tab ends, by whatever cause.
    this.untilFree ??= tabs.untilFree(QUEUE_LOCK).then(() => {
      this.untilFree = null;
      void this.show();
    });
    return 'elsewhere';
  }

  /** Resolves when this worker has the lock. It trains through the queue then, if that is still wanted. */
  private waitForLock(tabs: Tabs): Promise<void> {
    this.waitingForLock ??= new Promise((granted) => {
      const released = tabs.hold(QUEUE_LOCK, async () => {
        this.waitingForLock = null;
        this.isHere = this.wanted;
        granted();
        if (this.isHere) await this.drain();
      });
      void released.then(() => this.announce());
    });
    return this.waitingForLock;
  }

  private async drain(): Promise<void> {
    try {
      for (;;) {
        const { starts } = this;
        const item = this.wanted ? await this.findNext() : null;
        if (item && this.wanted) await this.train(item);
        else if (!this.wanted || starts === this.starts) break;
      }
    } catch (error) {
      this.fail(error);
    }
    this.wanted = false;
    this.isHere = false;
  }

  /** The first that can be started here. */
  private async findNext(): Promise<QueueItem | null> {
    const { queue, runs } = await this.openStores();
    for (const item of (await queue.list()).items) {
      if (item.failure !== null || !this.datasets.has(item.dataset.id)) continue;
      if (isStillWanted(item, await runs.get(item.id))) return item;
      // Its tab was killed between storing the record and taking it off the queue, or its run was deleted.
      await queue.remove(item.id);
    }
    return null;
  }

  private async train(item: QueueItem): Promise<void> {
    const { queue, runs, tabs } = await this.openStores();
    await tabs.hold(runLock(item.id), async () => {
      const dataset = this.datasets.get(item.dataset.id);
      // Another tab may have removed it, or deleted the run that it continues, while this one looked.
      if (!dataset || !(await queue.has(item.id)) || !isStillWanted(item, await runs.get(item.id))) return;
      await this.announce();
      // From here on nothing is awaited until the run can be stopped by itself.
      if (!this.wanted) return;
      this.onEvent({ type: 'runTaken', item });
      await this.runToItsEnd(item, dataset, queue);
    });
    await this.announce();
  }

  private async runToItsEnd(item: QueueItem, dataset: DatasetSummary, queue: QueueStore): Promise<void> {
    const { id: runId, start, recipe, ancestor } = item;
    const removals: Promise<void>[] = [];
    let hasSaved = false;
    const onEvent = (event: RunEvent) => {
      // This event means that the record is stored.
      if (event.type === 'runStarted') removals.push(this.takeOff(queue, runId));
      if (event.type === 'checkpointSaved') hasSaved = true;
      this.onEvent({ type: 'runProgressed', runId, event });
    };
    const [refusal] = refusalsOn(dataset, [recipe]);
    const ended: Reply<RunRecord> = refusal
      ? { ok: false, failure: { code: 'bad-input', sentence: refusal, cause: null } }
      : await this.startRun({ runId, start, recipe, ancestor, dataset }, onEvent);
    await Promise.all(removals);
    const { outcome, continues } = await this.recover(item, hasSaved, ended).catch((error: unknown) => {
      this.fail(error);
      return { outcome: ended, continues: false };
    });
    // Reported first, so that the page knows that the run has ended whatever fails below.
    this.onEvent({ type: 'runClosed', runId, outcome, continues });
    if (outcome.ok || continues) return;
    const { code, sentence } = outcome.failure;
    if (HOLDING.has(code)) this.wanted = false;
    // Its dataset is no longer open: the item waits until it is opened again.
    if (code === 'not-found') this.datasets.delete(dataset.id);
    else if (removals.length === 0) await queue.setFailure(runId, sentence);
  }

  /** Puts a run that lost its device back into the queue, or holds both when going on would only repeat the loss. */
  private async recover(
    item: QueueItem,
    hasSaved: boolean,
    ended: Reply<RunRecord>,
  ): Promise<{ outcome: Reply<RunRecord>; continues: boolean }> {
    const isLost = ended.ok ? ended.value.status === 'interrupted' : ended.failure.code === 'gpu-lost';
    if (!isLost || !this.wanted) return { outcome: ended, continues: false };
    const { queue, runs } = await this.openStores();
    const losses = countLosses(item.losses, hasSaved);
    if (losses < MAX_LOSSES) {
      // Without a record the item has never left the queue.
      await queue.add([{ ...item, start: ended.ok ? 'checkpoint' : item.start, losses }]);
      return { outcome: ended, continues: true };
    }
    this.wanted = false;
    const sentence = heldSentence('The device was lost', item.recipe);
    if (!ended.ok) return { outcome: { ok: false, failure: { ...ended.failure, sentence } }, continues: false };
    const record = { ...ended.value, failure: sentence };
    await runs.update(record);
    return { outcome: { ok: true, value: record }, continues: false };
  }

  /** An item that cannot be removed now is removed when its turn comes, since its record is stored. */
  private async takeOff(queue: QueueStore, id: string): Promise<void> {
    try {
      await queue.remove(id);
      await this.announce();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.onEvent({ type: 'queueFailed', sentence: toFailure(error).sentence });
  }

  /** Shows the queue to the page and has the other tabs show it to theirs. */
  private async announce(): Promise<void> {
    const { tabs } = await this.openStores();
    tabs.send('queueChanged');
    await this.show();
  }

  /** One after another, so that the view shown last is the newest. */
  private show(): Promise<void> {
    this.announcing = this.announcing.then(async () => {
      try {
        this.onEvent({ type: 'queueChanged', queue: await this.read() });
      } catch (error) {
        this.fail(error);
      }
    });
    return this.announcing;
  }
}

/** What continues a run needs one that can be continued, or that was cut off as running; what is new, that there is none. */
function isStillWanted({ start }: QueueItem, record: RunRecord | null): boolean {
  if (start === 'new') return record === null;
  return record !== null && (record.status === 'running' || canContinue(record));
}
