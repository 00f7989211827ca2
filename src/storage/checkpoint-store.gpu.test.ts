import * as Comlink from 'comlink';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { testCheckpointState } from '../domain/checkpoint-test-kit';
import { unwrap } from '../domain/failure';
import type { OpfsTestApi, PlainCheckpoint } from './opfs.test-worker';
import { listNames } from './opfs-file';

const RUN = 'run-7';
let rootName: string;
let worker: Worker;
let api: Comlink.Remote<OpfsTestApi>;

function startWorker() {
  worker = new Worker(new URL('./opfs.test-worker.ts', import.meta.url), { type: 'module' });
  api = Comlink.wrap<OpfsTestApi>(worker);
}

async function runDirectory(run = RUN) {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName);
  return root.getDirectoryHandle(run);
}

async function fileNames(run = RUN) {
  return (await listNames(await runDirectory(run))).sort();
}

async function rewrite(fileName: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) {
  const handle = await (await runDirectory()).getFileHandle(fileName);
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}

async function rename(fileName: string, newName: string) {
  const directory = await runDirectory();
  const bytes = await (await (await directory.getFileHandle(fileName)).getFile()).arrayBuffer();
  await (await directory.getFileHandle(newName, { create: true })).createWritable().then(async (writable) => {
    await writable.write(bytes);
    await writable.close();
  });
  await directory.removeEntry(fileName);
}

const checkpoint = (epoch: number, bestEpoch: number | null, more: Partial<PlainCheckpoint> = {}): PlainCheckpoint => ({
  epoch,
  bestEpoch,
  state: testCheckpointState({ optimizerStep: epoch }),
  weights: { 'conv/kernel': [epoch, 0.5, -1, 2, 3], 'conv/bias': [epoch + 0.25], empty: [] },
  slots: { 'conv/kernel/m': [epoch * 10, 1, 1, 1, 1] },
  ...more,
});

/** What is read of a checkpoint that was saved with `state`. */
const whole = (epoch: number, skipped: unknown[] = []) => {
  const { state, weights, slots } = checkpoint(epoch, null);
  return { epoch, step: 0, state, weights, slots, skipped };
};

const flipped = (at: number) => (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.with(at, bytes[at] ^ 1) as Uint8Array<ArrayBuffer>;

beforeEach(() => {
  rootName = `test-${crypto.randomUUID()}`;
  startWorker();
});

afterEach(async () => {
  worker.terminate();
  await (await navigator.storage.getDirectory()).removeEntry(rootName, { recursive: true });
});

describe('checkpoint store', () => {
  it('gives back what was saved, whatever the pieces', async () => {
    const saved = checkpoint(1, 1, { pieceBytes: 7 });
    unwrap(await api.save(rootName, RUN, saved));
    const { slots: _, ...last } = whole(1);
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toEqual(last);
    expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual(whole(1));
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toEqual({ ...last, state: null });
    expect(unwrap(await api.readInRanges(rootName, RUN, 'conv/kernel', 8))).toEqual([8, 8, 4]);
  });

  it('keeps two generations and the best, each file once, and nothing else', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    expect(await fileNames()).toEqual(['checkpoint-1.json', 'slots-1.bin', 'weights-1.bin']);
    unwrap(await api.save(rootName, RUN, checkpoint(2, 1)));
    const two = [
      'checkpoint-1.json',
      'checkpoint-2.json',
      'slots-1.bin',
      'slots-2.bin',
      'weights-1.bin',
      'weights-2.bin',
    ];
    expect(await fileNames()).toEqual(two);
    unwrap(await api.save(rootName, RUN, checkpoint(2, 1, { step: 5 })));
    const three = [2, 3].flatMap((n) => [`checkpoint-${n}.json`, `slots-${n}.bin`, `weights-${n}.bin`]);
    expect(await fileNames()).toEqual([...three, 'weights-1.bin'].toSorted());
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ epoch: 2, step: 5 });
    const { weights } = checkpoint(1, 1);
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toMatchObject({ epoch: 1, step: 0, weights });
    unwrap(await api.save(rootName, RUN, checkpoint(3, 3)));
    unwrap(await api.save(rootName, RUN, checkpoint(4, 3)));
    const last = [4, 5].flatMap((n) => [`checkpoint-${n}.json`, `slots-${n}.bin`, `weights-${n}.bin`]);
    expect(await fileNames()).toEqual(last.toSorted());
    expect(unwrap(await api.open(rootName, RUN, 'best')).weights).toEqual(checkpoint(3, 3).weights);
  });

  /** @param every how many operations on files lie between two moments at which the worker is killed */
  async function killEverywhere(every: number) {
    const left = new Set<number>();
    let isKilled = true;
    for (let operations = 0; isKilled; operations += every) {
      const run = `run-${operations}`;
      unwrap(await api.save(rootName, run, checkpoint(1, 1)));
      unwrap(await api.save(rootName, run, checkpoint(2, 1)));
      isKilled = await api.saveKilled(rootName, run, checkpoint(3, 3), operations);
      const opened = unwrap(await api.openToContinue(rootName, run));
      expect(opened).toEqual(whole(opened.epoch));
      left.add(opened.epoch);
      const bestEpoch = opened.epoch === 3 ? 3 : 1;
      const { weights } = checkpoint(bestEpoch, null);
      expect(unwrap(await api.open(rootName, run, 'best'))).toMatchObject({ epoch: bestEpoch, weights });
      // What the killed one left is cleared by the next start, or by the next save.
      if (operations % 2 === 0) await api.sweep(rootName, []);
      unwrap(await api.save(rootName, run, checkpoint(4, bestEpoch)));
      const names = await fileNames(run);
      expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(2);
      expect(names.filter((name) => name.startsWith('slots-'))).toHaveLength(2);
      expect(names.filter((name) => name.startsWith('weights-'))).toHaveLength(opened.epoch === 3 ? 2 : 3);
      expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
      await api.delete(rootName, run);
    }
    expect([...left]).toEqual([2, 3]);
  }

  const KILLED = 'killed at any moment of a save leaves the earlier checkpoint or the new one whole, and the best';
  it(KILLED, () => killEverywhere(9));
  it(`${KILLED}: at each`, { tags: ['long'] }, () => killEverywhere(1));

  it('goes back to the generation before where the newest is damaged, and says so', async () => {
    const damages: [string, (name: string) => Promise<void>, RegExp][] = [
      [
        'weights-2.bin',
        (name) => rewrite(name, (bytes) => bytes.slice(0, 5)),
        /epoch 2 .*5 bytes where 24 were written\.$/,
      ],
      ['weights-2.bin', (name) => rewrite(name, flipped(9)), /epoch 2 .*conv\/kernel does not match its checksum\.$/],
      ['slots-2.bin', (name) => rewrite(name, flipped(9)), /epoch 2 .*conv\/kernel\/m does not match its checksum\.$/],
      ['slots-2.bin', async (name) => (await runDirectory()).removeEntry(name), /epoch 2 .*file is missing\.$/],
      ['checkpoint-2.json', (name) => rewrite(name, flipped(200)), /checkpoint-2\.json, is damaged\.$/],
      [
        'checkpoint-2.json',
        (name) => rewrite(name, (bytes) => bytes.slice(0, 100)),
        /checkpoint-2\.json, is damaged\.$/,
      ],
    ];
    for (const [name, damage, sentence] of damages) {
      unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
      unwrap(await api.save(rootName, RUN, checkpoint(2, 1)));
      await damage(name);
      const skipped = [expect.stringMatching(sentence)];
      expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual(whole(1, skipped));
      expect(unwrap(await api.open(rootName, RUN, 'best'))).toMatchObject({ epoch: 1 });
      // From there it goes on: the damaged one is replaced, and never taken for the newest.
      unwrap(await api.save(rootName, RUN, checkpoint(2, 1)));
      expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual(whole(2));
      unwrap(await api.delete(rootName, RUN));
    }
  });

  it('says what is wrong where both generations are damaged', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    unwrap(await api.save(rootName, RUN, checkpoint(2, 2)));
    for (const name of ['weights-1.bin', 'weights-2.bin']) await rewrite(name, flipped(2));
    const sentence = expect.stringMatching(/epoch 2 of run run-7 are damaged: conv\/kernel does not match/);
    expect(await api.openToContinue(rootName, RUN)).toMatchObject({ failure: { code: 'storage', sentence } });
    for (const name of ['checkpoint-1.json', 'checkpoint-2.json']) await rewrite(name, (bytes) => bytes.slice(1));
    const noList = expect.stringMatching(/checkpoint-2\.json, is damaged\. Run run-7 has no other/);
    expect(await api.openToContinue(rootName, RUN)).toMatchObject({ failure: { code: 'storage', sentence: noList } });
    expect(await api.open(rootName, RUN, 'best')).toMatchObject({ failure: { code: 'storage', sentence: noList } });
    // Nothing is removed that a person might still want to look at.
    expect(await api.sweep(rootName, [])).toEqual({ count: 0, sizeBytes: 0 });
  });

  it('never takes the best weights of a generation that was given up', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    unwrap(await api.save(rootName, RUN, checkpoint(2, 2)));
    await rewrite('slots-2.bin', flipped(2));
    // The run goes on from epoch 1, whose record knows of no better one.
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1, { step: 3 })));
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toMatchObject({
      epoch: 1,
      weights: checkpoint(1, 1).weights,
    });
  });

  it('keeps the earlier checkpoint when a save fails', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    const before = await fileNames();
    const failed = await api.save(rootName, RUN, checkpoint(2, 2, { ending: 'throw' }));
    expect(failed).toMatchObject({ ok: false, failure: { sentence: expect.stringContaining('the device was lost') } });
    expect(await fileNames()).toEqual(before);
    expect(unwrap(await api.open(rootName, RUN, 'last')).epoch).toBe(1);
  });

  it('says in a sentence that another tab uses the file', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    void api.save(rootName, RUN, checkpoint(2, 2, { ending: 'hang' }));
    await expect.poll(() => fileNames()).toContain('weights-2.bin.part');
    const first = worker;
    startWorker();
    const sentence = expect.stringMatching(
      /of run run-7 after epoch 2 could not be stored: the file is in use by another tab/,
    );
    expect(await api.save(rootName, RUN, checkpoint(2, 2))).toMatchObject({ ok: false, failure: { sentence } });
    expect(await api.delete(rootName, RUN)).toMatchObject({
      failure: { sentence: expect.stringMatching(/run-7 could not be deleted: the file is in use by another tab/) },
    });
    first.terminate();
  });

  it('names a run without checkpoint, a missing, a short and a damaged file', async () => {
    const open = async () => {
      const outcome = await api.open(rootName, RUN, 'last');
      return outcome.ok ? null : outcome.failure;
    };
    expect(await open()).toMatchObject({ code: 'not-found', sentence: expect.stringContaining(RUN) });

    unwrap(await api.save(rootName, RUN, checkpoint(1, null)));
    expect(await api.open(rootName, RUN, 'best')).toMatchObject({
      ok: false,
      failure: { code: 'not-found', sentence: expect.stringContaining('No best weights of run run-7 are stored') },
    });
    await rewrite('weights-1.bin', flipped(9));
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringMatching(/run-7.*conv\/kernel/) });
    expect(await api.readInRanges(rootName, RUN, 'conv/kernel', 8)).toMatchObject({ ok: false });
    expect(unwrap(await api.readInRanges(rootName, RUN, 'conv/bias', 8))).toEqual([4]);

    await rewrite('weights-1.bin', (bytes) => bytes.slice(0, 5));
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringContaining('5 bytes where 24') });
    await (await runDirectory()).removeEntry('weights-1.bin');
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringContaining('missing') });

    unwrap(await api.delete(rootName, RUN));
    unwrap(await api.delete(rootName, RUN));
    expect(await open()).toMatchObject({ code: 'not-found' });
  });

  it('reads the weights whatever became of the slots', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    await rewrite('slots-1.bin', (bytes) => bytes.slice(0, 5));
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ weights: checkpoint(1, 1).weights });
    const sentence = expect.stringMatching(/optimizer’s numbers after epoch 1.*5 bytes where 20/);
    expect(await api.openToContinue(rootName, RUN)).toMatchObject({ failure: { code: 'storage', sentence } });
  });

  it('keeps of a run that has come to its end both sets of weights and nothing else', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    unwrap(await api.save(rootName, RUN, checkpoint(2, 1)));
    unwrap(await api.keepWeightsOnly(rootName, RUN));
    unwrap(await api.keepWeightsOnly(rootName, RUN));
    expect(await fileNames()).toEqual(['checkpoint-2.json', 'weights-1.bin', 'weights-2.bin']);
    expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual({ ...whole(2), slots: null });
    expect(unwrap(await api.open(rootName, RUN, 'best')).epoch).toBe(1);
    // Trained further, it has slots again.
    unwrap(await api.save(rootName, RUN, checkpoint(3, 3)));
    expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual(whole(3));
    unwrap(await api.save(rootName, 'imported', checkpoint(0, null, { state: null, slots: null })));
    expect(unwrap(await api.openToContinue(rootName, 'imported'))).toMatchObject({ state: null, slots: null });
    unwrap(await api.keepWeightsOnly(rootName, 'without-checkpoint'));
  });

  it('of a run that was killed at its very end, the sweep removes what only going on would need', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    unwrap(await api.save(rootName, RUN, checkpoint(2, 2)));
    const before = await fileNames();
    expect(await api.sweep(rootName, [])).toEqual({ count: 0, sizeBytes: 0 });
    expect(await fileNames()).toEqual(before);
    const swept = await api.sweep(rootName, [RUN]);
    expect(swept.count).toBe(1);
    expect(swept.sizeBytes).toBeGreaterThan(20 + 24 + 20);
    expect(await fileNames()).toEqual(['checkpoint-2.json', 'weights-2.bin']);
    expect(await api.sweep(rootName, [RUN])).toEqual({ count: 0, sizeBytes: 0 });
  });

  it('reads a checkpoint of the format before, and replaces its manifest with the next save', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, 1)));
    const { weights, slots } = checkpoint(1, 1);
    const directory = await runDirectory();
    const text = await (await (await directory.getFileHandle('checkpoint-1.json')).getFile()).text();
    const { manifest } = JSON.parse(text);
    manifest.schemaVersion = 1;
    delete manifest.last.step;
    manifest.last.state = { randomStates: { shuffle: [1, 2, 3, 4], augment: [5, 6, 7, 8] }, step: 3, record: {} };
    await rewrite('checkpoint-1.json', () => new TextEncoder().encode(JSON.stringify(manifest)));
    await rename('checkpoint-1.json', 'manifest.json');
    const before = { epoch: 1, step: 0, state: null, weights, skipped: [] };
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toEqual(before);
    expect(unwrap(await api.openToContinue(rootName, RUN))).toEqual({ ...before, slots });
    expect(await api.sweep(rootName, [])).toEqual({ count: 0, sizeBytes: 0 });
    unwrap(await api.save(rootName, RUN, checkpoint(2, 1)));
    expect((await fileNames()).filter((name) => name.endsWith('.json'))).toEqual([
      'checkpoint-1.json',
      'checkpoint-2.json',
    ]);
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toEqual(before);
    await rewrite('slots-2.bin', flipped(1));
    expect(unwrap(await api.openToContinue(rootName, RUN))).toMatchObject({
      ...before,
      slots,
      skipped: [expect.anything()],
    });
  });

  it.each(['older', 'damaged older'])('on a full disk gives up the %s generation for the new one', async (older) => {
    const SIZE = 4 * 2 ** 20;
    for (const epoch of [1, 2]) unwrap(await api.saveBig(rootName, RUN, SIZE, epoch));
    if (older === 'damaged older') await rewrite('checkpoint-1.json', (bytes) => bytes.slice(1));
    await withSpaceFor(SIZE / 2, async () => unwrap(await api.saveBig(rootName, RUN, SIZE, 3)));
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ epoch: 3, skipped: [] });
    expect((await fileNames()).filter((name) => name.startsWith('weights-'))).toEqual([
      'weights-2.bin',
      'weights-3.bin',
    ]);
  });

  it('on a disk too full even then says so, and keeps the newest whole generation', async () => {
    const SIZE = 2 ** 20;
    for (const epoch of [1, 2]) unwrap(await api.saveBig(rootName, RUN, SIZE, epoch));
    await withSpaceFor(SIZE, async () => {
      const sentence = expect.stringMatching(/run-7 after epoch 3 could not be stored: the disk.*full/);
      expect(await api.saveBig(rootName, RUN, 16 * SIZE, 3)).toMatchObject({ failure: { code: 'storage', sentence } });
    });
    expect(await fileNames()).toEqual(['checkpoint-2.json', 'slots-2.bin', 'weights-2.bin']);
    expect(unwrap(await api.open(rootName, RUN, 'last')).epoch).toBe(2);
    expect(unwrap(await api.open(rootName, RUN, 'best')).epoch).toBe(2);
  });
});

/** Runs `work` while the browser grants this page only so many bytes more than it uses. */
async function withSpaceFor(sizeBytes: number, work: () => Promise<void>): Promise<void> {
  const { origin } = location;
  const quotaSize = ((await navigator.storage.estimate()).usage ?? 0) + sizeBytes;
  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
  try {
    await work();
  } finally {
    await cdp().send('Storage.overrideQuotaForOrigin', { origin });
  }
}

describe('pretrained store', () => {
  it('keeps a copy, and the old one when the new one cannot be read', async () => {
    expect(await api.openPretrained(rootName, 'vgg.h5')).toEqual({ kept: null, text: null });
    unwrap(await api.keepPretrained(rootName, 'vgg.h5', new File(['first'], 'dropped.h5')));
    unwrap(await api.keepPretrained(rootName, 'vgg.h5', new File(['second'], 'mine.h5')));
    const second = { kept: { name: 'mine.h5', official: false, sizeBytes: 6 }, text: 'second' };
    expect(await api.openPretrained(rootName, 'vgg.h5')).toEqual(second);

    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName);
    const handle = await root.getFileHandle('goes-away', { create: true });
    const writable = await handle.createWritable();
    await writable.write('third');
    await writable.close();
    const gone = await handle.getFile();
    await root.removeEntry('goes-away');
    const outcome = await api.keepPretrained(rootName, 'vgg.h5', gone);
    expect(outcome).toMatchObject({ failure: { code: 'bad-input', sentence: expect.stringContaining('goes-away') } });
    expect(await api.openPretrained(rootName, 'vgg.h5')).toEqual(second);
  });
});
