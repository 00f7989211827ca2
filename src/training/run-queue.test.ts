import { describe, expect, it, vi } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { FailureCode, Reply } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import type { QueueEvent, RunEvent, RunRequest } from '../domain/protocol';
import type { NewQueueItem, QueueItem } from '../domain/queue';
import { testQueueItem } from '../domain/queue-test-kit';
import type { RunRecord } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import { MemoryBrowser, memoryQueue } from './queue-test-kit';
import { RunQueue } from './run-queue';
import { dataset, recipe } from './session-test-kit';

interface StartedRun {
  request: RunRequest;
  emit: (event: RunEvent) => void;
  end: (outcome: Reply<RunRecord>) => void;
}

/** One browser with what it stores; `openTab` gives one tab's queue. */
function openBrowser() {
  const browser = new MemoryBrowser();
  const stored = new Map<string, QueueItem>();
  const records = new Map<string, RunRecord>();
  const openTab = () => {
    const started: StartedRun[] = [];
    const events: QueueEvent[] = [];
    const tabs = browser.openTab();
    const runs = {
      get: async (id: string) => records.get(id) ?? null,
      update: async (record: RunRecord) => {
        records.set(record.id, record);
        return true;
      },
    };
    const stores = { queue: memoryQueue(stored), runs, tabs };
    const queue = new RunQueue(
      async () => stores,
      (request, emit) =>
        new Promise((resolve) => {
          started.push({ request, emit, end: resolve });
        }),
    );
    void queue.watch((event) => void events.push(event));
    return { queue, started, events, tabs, stores, names: () => started.map(({ request }) => request.runId) };
  };
  return { stored, records, openTab };
}

const item = (id: string, from: DatasetSummary = dataset): NewQueueItem =>
  testQueueItem(id, { recipe: recipe(), dataset: { id: from.id, name: from.name, synthetic: false } });
const finished = (id: string): Reply<RunRecord> => ({ ok: true, value: testRecord({ id }) });
const failed = (code: FailureCode, sentence: string): Reply<RunRecord> => ({
  ok: false,
  failure: { code, sentence, cause: null },
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const other: DatasetSummary = { ...dataset, id: 'other', name: 'other' };

/** As the session does: the record is stored, then the event is sent. */
function store(records: Map<string, RunRecord>, run: StartedRun) {
  const record = testRecord({ id: run.request.runId, status: 'running' });
  records.set(record.id, record);
  run.emit({ type: 'runStarted', record });
}

describe('one tab', () => {
  it('trains one after another, and what is added meanwhile after that', async () => {
    const { openTab, stored, records } = openBrowser();
    const { queue, started, names } = openTab();
    await queue.append([item('a'), item('b')]);
    expect(names()).toEqual([]);
    await queue.start(dataset, false);
    expect((await queue.read()).state).toBe('here');
    await settle();
    expect(names()).toEqual(['a']);
    await queue.append([item('c')]);
    await queue.start(dataset, false);
    for (const id of ['a', 'b', 'c']) {
      await settle();
      store(records, started[names().indexOf(id)]);
      started[names().indexOf(id)].end(finished(id));
    }
    await settle();
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(stored.size).toBe(0);
    expect(await queue.read()).toEqual({ state: 'held', items: [], unreadable: 0, datasetIds: ['dots'] });
  });

  it('starts a run that goes on from another one with its ancestor', async () => {
    const { openTab, records } = openBrowser();
    const { queue, started } = openTab();
    const ancestor = { runId: 'old', weights: 'best' as const };
    await queue.append([{ ...item('a'), ancestor }, item('b')]);
    await queue.start(dataset, false);
    await settle();
    expect(started[0].request).toMatchObject({ runId: 'a', ancestor });
    store(records, started[0]);
    started[0].end(finished('a'));
    await settle();
    expect(started[1].request.ancestor).toBeUndefined();
  });

  it('keeps the item until the record is stored, and shows it as waiting no longer', async () => {
    const { openTab, stored, records } = openBrowser();
    const { queue, started, events } = openTab();
    await queue.append([item('a')]);
    await queue.start(dataset, false);
    await settle();
    expect([...stored.keys()]).toEqual(['a']);
    expect((await queue.read()).items).toEqual([]);
    await expect(queue.remove('a')).rejects.toMatchObject({ code: 'busy' });
    expect(stored.has('a')).toBe(true);
    store(records, started[0]);
    await settle();
    expect(stored.size).toBe(0);
    const taken = events.find((event) => event.type === 'runTaken');
    expect(taken).toMatchObject({ item: { id: 'a' } });
  });

  it('does not train again what a killed tab had already begun', async () => {
    const { openTab, stored, records } = openBrowser();
    const { queue, names } = openTab();
    await queue.append([item('a'), item('b')]);
    records.set('a', testRecord({ id: 'a', status: 'running' }));
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual(['b']);
    expect(stored.has('a')).toBe(false);
  });

  it('holds what waits when it is stopped, and goes on when it is continued', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, started, names } = openTab();
    await queue.append([item('a'), item('b')]);
    await queue.start(dataset, false);
    await settle();
    await queue.hold();
    started[0].emit({ type: 'runStarted', record: testRecord({ id: 'a' }) });
    started[0].end(finished('a'));
    await settle();
    expect(names()).toEqual(['a']);
    expect([...stored.keys()]).toEqual(['b']);
    expect(await queue.read()).toMatchObject({ state: 'held', items: [{ id: 'b' }] });
    await queue.start(dataset, true);
    await settle();
    expect(names()).toEqual(['a', 'b']);
  });

  it('does not miss what is added while its last look at the queue finds nothing', async () => {
    const { openTab, records } = openBrowser();
    const { queue, stores, names } = openTab();
    let answer = () => {};
    records.set('done', testRecord({ id: 'done' }));
    await queue.append([item('done')]);
    vi.spyOn(stores.queue, 'remove').mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await queue.start(dataset, false);
    await settle();
    // The list it looks through was read before this.
    await queue.append([item('added')]);
    await queue.start(dataset, false);
    answer();
    await settle();
    expect(names()).toEqual(['added']);
  });

  it('does not start a run that is stopped just as its turn comes', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, names, events } = openTab();
    await queue.append([item('a')]);
    await queue.start(dataset, false);
    await queue.hold();
    await settle();
    expect(names()).toEqual([]);
    expect(events.some(({ type }) => type === 'runTaken')).toBe(false);
    expect(stored.has('a')).toBe(true);
  });

  it('goes on after a stop when Train is clicked before the run has ended', async () => {
    const { openTab } = openBrowser();
    const { queue, started, names } = openTab();
    await queue.append([item('a')]);
    await queue.start(dataset, false);
    await settle();
    await queue.hold();
    await queue.append([item('b')]);
    await queue.start(dataset, false);
    started[0].emit({ type: 'runStarted', record: testRecord({ id: 'a' }) });
    started[0].end(finished('a'));
    await settle();
    expect(names()).toEqual(['a', 'b']);
  });

  it('passes over what could not be started, keeps it with its sentence, and retries it when asked', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, started, names, events } = openTab();
    await queue.append([item('a'), item('b')]);
    await queue.start(dataset, false);
    await settle();
    started[0].end(failed('out-of-memory', 'The GPU is full.'));
    await settle();
    expect(names()).toEqual(['a', 'b']);
    expect(stored.get('a')?.failure).toBe('The GPU is full.');
    expect(events.filter((event) => event.type === 'runClosed')).toMatchObject([
      { runId: 'a', outcome: { ok: false } },
    ]);
    started[1].emit({ type: 'runStarted', record: testRecord({ id: 'b' }) });
    started[1].end(finished('b'));
    await settle();
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual(['a', 'b']);
    await queue.start(dataset, true);
    await settle();
    expect(names()).toEqual(['a', 'b', 'a']);
  });

  it('reports that a run has ended, though its sentence cannot be stored', async () => {
    const { openTab } = openBrowser();
    const { queue, started, stores, events } = openTab();
    await queue.append([item('a')]);
    await queue.start(dataset, false);
    await settle();
    vi.spyOn(stores.queue, 'setFailure').mockRejectedValueOnce(new Error('The disk is full.'));
    started[0].end(failed('out-of-memory', 'The GPU is full.'));
    await settle();
    const reported = events.filter(({ type }) => type === 'runClosed' || type === 'queueFailed');
    expect(reported).toMatchObject([{ runId: 'a' }, { sentence: expect.stringContaining('The disk is full.') }]);
    expect((await queue.read()).state).toBe('held');
  });

  it('does not start a recipe that no longer fits the dataset', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, names } = openTab();
    await queue.append([{ ...item('a'), recipe: recipe({ batchSize: 8 }) }]);
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual([]);
    expect(stored.get('a')?.failure).toMatch(/^Batch size 8 is larger than the training set of 6 images/);
  });

  it('leaves what waits for another dataset until that is open', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, started, names } = openTab();
    await queue.append([item('a', other), item('b')]);
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual(['b']);
    await queue.start(other, false);
    started[0].emit({ type: 'runStarted', record: testRecord({ id: 'b' }) });
    started[0].end(finished('b'));
    await settle();
    expect(names()).toEqual(['b', 'a']);
    expect(started[1].request.dataset).toBe(other);
    expect([...stored.keys()]).toEqual(['a']);
  });

  it('waits for a dataset that is no longer open', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, started, names } = openTab();
    await queue.append([item('a')]);
    await queue.start(dataset, false);
    await settle();
    started[0].end(failed('not-found', 'The images of this dataset are not open.'));
    await settle();
    expect(stored.get('a')?.failure).toBeNull();
    expect((await queue.read()).datasetIds).toEqual([]);
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual(['a', 'a']);
  });

  it('moves an item to a place among those that wait', async () => {
    const { openTab } = openBrowser();
    const { queue } = openTab();
    await queue.append(['going', 'a', 'b', 'c'].map((id) => item(id)));
    await queue.start(dataset, false);
    await settle();
    const ids = async () => (await queue.read()).items.map(({ id }) => id);
    await queue.move('c', 0);
    expect(await ids()).toEqual(['c', 'a', 'b']);
    await queue.move('c', 1);
    expect(await ids()).toEqual(['a', 'c', 'b']);
    await queue.move('a', 2);
    expect(await ids()).toEqual(['c', 'b', 'a']);
    await queue.remove('b');
    expect(await ids()).toEqual(['c', 'a']);
  });

  it('says so when storage refuses, and can be started again', async () => {
    const { openTab, stored } = openBrowser();
    const { queue, names, events } = openTab();
    await queue.append([item('a')]);
    vi.spyOn(stored, 'has').mockImplementationOnce(() => {
      throw new Error('no');
    });
    await queue.start(dataset, false);
    await settle();
    expect(events.some((event) => event.type === 'queueFailed' && event.sentence.includes('no'))).toBe(true);
    expect(names()).toEqual([]);
    await queue.start(dataset, false);
    await settle();
    expect(names()).toEqual(['a']);
  });
});

describe('a run that is continued', () => {
  const continued = (id: string): NewQueueItem => ({ ...item(id), start: 'checkpoint' });

  it('does not bring back a run that another tab deletes while its turn is awaited', async () => {
    const { openTab, stored, records } = openBrowser();
    const { queue, started, tabs } = openTab();
    records.set('cut', testRecord({ id: 'cut', status: 'interrupted' }));
    await queue.append([continued('cut')]);
    await tabs.hold(runLock('cut'), async () => {
      await queue.start(dataset, false);
      await settle();
      records.delete('cut');
    });
    await settle();
    expect(started).toEqual([]);
    expect(stored.size).toBe(0);
    expect(records.size).toBe(0);
  });

  it('comes before what waits, and leaves the queue when it is stored as running again', async () => {
    const { openTab, stored, records } = openBrowser();
    const { queue, started, names } = openTab();
    records.set('cut', testRecord({ id: 'cut', status: 'running' }));
    await queue.append([item('a')]);
    await queue.append([continued('cut')]);
    await queue.start(dataset, false);
    await settle();
    expect(started[0].request).toMatchObject({ runId: 'cut', start: 'checkpoint' });
    expect(stored.has('cut')).toBe(true);
    store(records, started[0]);
    await settle();
    expect([...stored.keys()]).toEqual(['a']);
    started[0].end(finished('cut'));
    await settle();
    expect(names()).toEqual(['cut', 'a']);
    expect(started[1].request.start).toBe('new');
  });

  it.each(['finished', 'stopped', 'diverged', null] as const)(
    'is passed over when it is %s by then',
    async (status) => {
      const { openTab, stored, records } = openBrowser();
      const { queue, names } = openTab();
      if (status) records.set('cut', testRecord({ id: 'cut', status }));
      await queue.append([continued('cut'), item('a')]);
      await queue.start(dataset, false);
      await settle();
      expect(names()).toEqual(['a']);
      expect(stored.has('cut')).toBe(false);
    },
  );
});

describe('a run that loses its device', () => {
  /** As the session does when the device is lost. */
  function lose(records: Map<string, RunRecord>, run: StartedRun) {
    const record = testRecord({ id: run.request.runId, status: 'interrupted', failure: 'The GPU was lost.' });
    records.set(record.id, record);
    run.end({ ok: true, value: record });
  }
  const closed = (events: QueueEvent[]) => events.filter((event) => event.type === 'runClosed');

  async function begin() {
    const browser = openBrowser();
    const tab = browser.openTab();
    await tab.queue.append([item('a'), item('b')]);
    await tab.queue.start(dataset, false);
    await settle();
    return { ...browser, ...tab };
  }

  it('continues at once, from its checkpoint, and the queue goes on after it', async () => {
    const { records, started, names, events, stored } = await begin();
    store(records, started[0]);
    lose(records, started[0]);
    await settle();
    expect(closed(events)).toMatchObject([
      { runId: 'a', continues: true, outcome: { value: { status: 'interrupted' } } },
    ]);
    expect(started[1].request).toMatchObject({ runId: 'a', start: 'checkpoint' });
    store(records, started[1]);
    started[1].end(finished('a'));
    await settle();
    expect(names()).toEqual(['a', 'a', 'b']);
    expect([...stored.keys()]).toEqual(['b']);
  });

  it('is held after two losses without a new checkpoint, with a sentence, and so is the queue', async () => {
    const { records, started, names, events, queue, stored } = await begin();
    for (const at of [0, 1]) {
      store(records, started[at]);
      lose(records, started[at]);
      await settle();
    }
    expect(names()).toEqual(['a', 'a']);
    expect(records.get('a')).toMatchObject({
      status: 'interrupted',
      failure: expect.stringMatching(/^The device was lost twice in a row .*Batch size smaller than 2/),
    });
    expect(closed(events).at(-1)).toMatchObject({ continues: false, outcome: { value: records.get('a') } });
    expect((await queue.read()).state).toBe('held');
    expect([...stored.keys()]).toEqual(['b']);
  });

  it('goes on for as long as it keeps checkpoints between its losses', async () => {
    const { records, started, names } = await begin();
    for (const at of [0, 1, 2, 3]) {
      store(records, started[at]);
      started[at].emit({ type: 'checkpointSaved' });
      lose(records, started[at]);
      await settle();
    }
    expect(names()).toEqual(['a', 'a', 'a', 'a', 'a']);
  });

  it('before its record is stored: is begun once more in its place, then held', async () => {
    const { started, names, events, queue, stored } = await begin();
    started[0].end(failed('gpu-lost', 'The GPU was lost.'));
    await settle();
    expect(closed(events)).toMatchObject([{ continues: true }]);
    expect(started[1].request).toMatchObject({ runId: 'a', start: 'new' });
    started[1].end(failed('gpu-lost', 'The GPU was lost.'));
    await settle();
    expect(names()).toEqual(['a', 'a']);
    expect([...stored.values()].map(({ failure }) => failure)).toEqual([
      expect.stringMatching(/^The device was lost twice in a row/),
      null,
    ]);
    expect((await queue.read()).state).toBe('held');
  });

  it('ends there when it was to stop', async () => {
    const { records, started, names, events, queue, stored } = await begin();
    store(records, started[0]);
    await queue.hold();
    lose(records, started[0]);
    await settle();
    expect(names()).toEqual(['a']);
    expect(closed(events)).toMatchObject([{ continues: false }]);
    expect([...stored.keys()]).toEqual(['b']);
  });

  it('is left to the person when it cannot be put back, and the queue goes on', async () => {
    const { records, started, names, events, stores } = await begin();
    store(records, started[0]);
    await settle();
    vi.spyOn(stores.queue, 'add').mockRejectedValueOnce(new Error('The disk is full.'));
    lose(records, started[0]);
    await settle();
    expect(closed(events)).toMatchObject([{ continues: false, outcome: { value: { status: 'interrupted' } } }]);
    expect(events.some((event) => event.type === 'queueFailed' && event.sentence.includes('full'))).toBe(true);
    expect(names()).toEqual(['a', 'b']);
  });
});

describe('two tabs', () => {
  it('never train at once; the second follows when the first has ended', async () => {
    const { openTab, stored } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await first.queue.append([item('a')]);
    await first.queue.start(dataset, false);
    await second.queue.append([item('b', other), item('c')]);
    await second.queue.start(other, false);
    await settle();
    expect((await second.queue.read()).state).toBe('elsewhere');
    expect([first.names(), second.names()]).toEqual([['a'], []]);
    // The first tab has the dataset of `c` open, the second that of `b`.
    for (const [tab, at] of [
      [first, 0],
      [first, 1],
      [second, 0],
    ] as const) {
      await settle();
      const run = tab.started[at];
      run.emit({ type: 'runStarted', record: testRecord({ id: run.request.runId }) });
      run.end(finished(run.request.runId));
    }
    await settle();
    expect([first.names(), second.names()]).toEqual([['a', 'c'], ['b']]);
    expect(stored.size).toBe(0);
  });

  it('a stop in one holds the queue in both', async () => {
    const { openTab } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await first.queue.append([item('a')]);
    await first.queue.start(dataset, false);
    await second.queue.append([item('b')]);
    await second.queue.start(dataset, false);
    await settle();
    await first.queue.hold();
    first.started[0].emit({ type: 'runStarted', record: testRecord({ id: 'a' }) });
    first.started[0].end(finished('a'));
    await settle();
    expect(second.names()).toEqual([]);
    expect((await second.queue.read()).state).toBe('held');
    const shown = second.events.filter((event) => event.type === 'queueChanged').at(-1);
    expect(shown).toMatchObject({ queue: { state: 'held', items: [{ id: 'b' }] } });
  });

  it('a run of the one is not removed from the queue by the other, nor listed there as waiting', async () => {
    const { openTab, stored } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await first.queue.append([item('a'), item('b')]);
    await first.queue.start(dataset, false);
    await settle();
    expect((await second.queue.read()).items.map(({ id }) => id)).toEqual(['b']);
    await expect(second.queue.remove('a')).rejects.toMatchObject({ code: 'busy' });
    await second.queue.remove('b');
    expect([...stored.keys()]).toEqual(['a']);
    expect((await second.tabs.heldLocks()).has(runLock('a'))).toBe(true);
  });

  it('an item that the other removes at the last moment is not trained', async () => {
    const { openTab, stored } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await first.queue.append([item('a'), item('b')]);
    await second.tabs.hold(runLock('a'), async () => {
      await first.queue.start(dataset, false);
      await settle();
      stored.delete('a');
    });
    await settle();
    expect(first.names()).toEqual(['b']);
  });
});
