import * as Comlink from 'comlink';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { testCheckpointState } from '../domain/checkpoint-test-kit';
import { unwrap } from '../domain/failure';
import type { OpfsTestApi, PlainCheckpoint } from './opfs.test-worker';

const RUN = 'run-7';
let rootName: string;
let worker: Worker;
let api: Comlink.Remote<OpfsTestApi>;

function startWorker() {
  worker = new Worker(new URL('./opfs.test-worker.ts', import.meta.url), { type: 'module' });
  api = Comlink.wrap<OpfsTestApi>(worker);
}

async function runDirectory() {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName);
  return root.getDirectoryHandle(RUN);
}

async function fileNames() {
  const names: string[] = [];
  for await (const name of (await runDirectory()).keys()) names.push(name);
  return names.sort();
}

async function rewrite(fileName: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) {
  const handle = await (await runDirectory()).getFileHandle(fileName);
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}

const checkpoint = (epoch: number, isBest: boolean, more: Partial<PlainCheckpoint> = {}): PlainCheckpoint => ({
  epoch,
  isBest,
  state: testCheckpointState({ optimizerStep: epoch }),
  weights: { 'conv/kernel': [epoch, 0.5, -1, 2, 3], 'conv/bias': [epoch + 0.25], empty: [] },
  slots: { 'conv/kernel/m': [epoch * 10, 1, 1, 1, 1] },
  ...more,
});

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
    const saved = checkpoint(1, true, { pieceBytes: 7 });
    unwrap(await api.save(rootName, RUN, saved));
    const { epoch, state, weights, slots } = saved;
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toEqual({ epoch, state, weights });
    expect(unwrap(await api.openSlots(rootName, RUN))).toEqual(slots);
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toEqual({ epoch, state: null, weights });
    expect(unwrap(await api.readInRanges(rootName, RUN, 'conv/kernel', 8))).toEqual([8, 8, 4]);
  });

  it('keeps the last and the best, once each, and nothing else', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    expect(await fileNames()).toEqual(['manifest.json', 'slots-1.bin', 'weights-1.bin']);
    unwrap(await api.save(rootName, RUN, checkpoint(2, false)));
    expect(await fileNames()).toEqual(['manifest.json', 'slots-2.bin', 'weights-1.bin', 'weights-2.bin']);
    expect(unwrap(await api.open(rootName, RUN, 'last')).epoch).toBe(2);
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toMatchObject({
      epoch: 1,
      weights: checkpoint(1, true).weights,
    });
    unwrap(await api.save(rootName, RUN, checkpoint(3, true)));
    expect(await fileNames()).toEqual(['manifest.json', 'slots-3.bin', 'weights-3.bin']);
  });

  it('keeps the earlier checkpoint when a save fails', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    const before = await fileNames();
    const failed = await api.save(rootName, RUN, checkpoint(2, true, { ending: 'throw' }));
    expect(failed).toMatchObject({ ok: false, failure: { sentence: expect.stringContaining('the device was lost') } });
    expect(await fileNames()).toEqual(before);
    expect(unwrap(await api.open(rootName, RUN, 'last')).epoch).toBe(1);
  });

  it('keeps the earlier checkpoint when the worker is killed, and clears the leftovers at the next save', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    void api.save(rootName, RUN, checkpoint(2, true, { ending: 'hang' }));
    await expect.poll(fileNames).toContain('weights-2.bin.part');
    worker.terminate();
    startWorker();
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({
      epoch: 1,
      weights: checkpoint(1, true).weights,
    });
    unwrap(await api.save(rootName, RUN, checkpoint(3, true)));
    expect(await fileNames()).toEqual(['manifest.json', 'slots-2.bin', 'weights-2.bin']);
  });

  it('says in a sentence that another tab uses the file', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    void api.save(rootName, RUN, checkpoint(2, true, { ending: 'hang' }));
    await expect.poll(fileNames).toContain('weights-2.bin.part');
    const first = worker;
    startWorker();
    const sentence = expect.stringMatching(/run-7 could not be stored: the file is in use by another tab/);
    expect(await api.save(rootName, RUN, checkpoint(2, true))).toMatchObject({ ok: false, failure: { sentence } });
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

    unwrap(await api.save(rootName, RUN, checkpoint(1, false)));
    expect(await api.open(rootName, RUN, 'best')).toMatchObject({
      ok: false,
      failure: { code: 'not-found', sentence: expect.stringContaining('No best weights of run run-7 are stored') },
    });
    await rewrite('weights-1.bin', (bytes) => bytes.with(9, bytes[9] ^ 1) as Uint8Array<ArrayBuffer>);
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringMatching(/run-7.*conv\/kernel/) });
    expect(await api.readInRanges(rootName, RUN, 'conv/kernel', 8)).toMatchObject({ ok: false });
    expect(unwrap(await api.readInRanges(rootName, RUN, 'conv/bias', 8))).toEqual([4]);

    await rewrite('weights-1.bin', (bytes) => bytes.slice(0, 5));
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringContaining('5 bytes where 24') });
    await (await runDirectory()).removeEntry('weights-1.bin');
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringContaining('missing') });
    await rewrite('manifest.json', () => new TextEncoder().encode('{"schemaVersion":99}'));
    expect(await open()).toMatchObject({ code: 'storage', sentence: expect.stringContaining(RUN) });

    unwrap(await api.delete(rootName, RUN));
    unwrap(await api.delete(rootName, RUN));
    expect(await open()).toMatchObject({ code: 'not-found' });
  });

  it('reads the weights whatever became of the slots, which fail with their own sentence when they are opened', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    const { weights } = checkpoint(1, true);
    const openSlots = async () => {
      const outcome = await api.openSlots(rootName, RUN);
      return outcome.ok ? null : outcome.failure;
    };
    await rewrite('slots-1.bin', (bytes) => bytes.slice(0, 5));
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ weights });
    const sentence = expect.stringMatching(/cannot be continued; its weights can still be used.*5 bytes where 20/);
    expect(await openSlots()).toMatchObject({ code: 'storage', sentence });
    await (await runDirectory()).removeEntry('slots-1.bin');
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ weights });
    expect(await openSlots()).toMatchObject({ code: 'storage', sentence: expect.stringMatching(/file is missing/) });
  });

  it('drops the slots of a run that has come to its end, and keeps both sets of weights', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    unwrap(await api.save(rootName, RUN, checkpoint(2, false)));
    unwrap(await api.dropSlots(rootName, RUN));
    unwrap(await api.dropSlots(rootName, RUN));
    expect(await fileNames()).toEqual(['manifest.json', 'weights-1.bin', 'weights-2.bin']);
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toMatchObject({ epoch: 2, state: { optimizerStep: 2 } });
    expect(unwrap(await api.open(rootName, RUN, 'best')).epoch).toBe(1);
    expect(await api.openSlots(rootName, RUN)).toMatchObject({ ok: false, failure: { code: 'not-found' } });
    // Trained further, it has slots again.
    unwrap(await api.save(rootName, RUN, checkpoint(3, true)));
    expect(unwrap(await api.openSlots(rootName, RUN))).toEqual(checkpoint(3, true).slots);
    unwrap(await api.save(rootName, 'imported', checkpoint(0, false, { state: null, slots: null })));
    expect(unwrap(await api.open(rootName, 'imported', 'last')).state).toBeNull();
    expect(await api.openSlots(rootName, 'imported')).toMatchObject({ ok: false, failure: { code: 'not-found' } });
  });

  it('reads the weights of a manifest from before states had a schema', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    const { weights, slots } = checkpoint(1, true);
    await rewrite('manifest.json', (bytes) => {
      const manifest = JSON.parse(new TextDecoder().decode(bytes));
      manifest.schemaVersion = 1;
      manifest.last.state = { randomStates: { shuffle: [1, 2, 3, 4], augment: [5, 6, 7, 8] }, step: 3, record: {} };
      return new TextEncoder().encode(JSON.stringify(manifest));
    });
    expect(unwrap(await api.open(rootName, RUN, 'last'))).toEqual({ epoch: 1, state: null, weights });
    expect(unwrap(await api.openSlots(rootName, RUN))).toEqual(slots);
    unwrap(await api.save(rootName, RUN, checkpoint(2, false)));
    expect(unwrap(await api.open(rootName, RUN, 'best'))).toEqual({ epoch: 1, state: null, weights });
  });

  it('reports a full disk in a sentence and keeps the earlier checkpoint', async () => {
    unwrap(await api.save(rootName, RUN, checkpoint(1, true)));
    const quotaSize = ((await navigator.storage.estimate()).usage ?? 0) + 2 ** 20;
    await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize });
    try {
      const outcome = await api.saveBig(rootName, RUN, 16 * 2 ** 20);
      expect(outcome).toMatchObject({
        ok: false,
        failure: { code: 'storage', sentence: expect.stringMatching(/run-7.*full/) },
      });
    } finally {
      await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin });
    }
    expect(await fileNames()).toEqual(['manifest.json', 'slots-1.bin', 'weights-1.bin']);
    expect(unwrap(await api.open(rootName, RUN, 'best')).epoch).toBe(1);
  });
});

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
