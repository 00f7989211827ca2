import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import { continuationOf } from '../domain/queue';
import { canContinue } from '../domain/recovery';
import { keptWeights } from '../domain/run';
import type { TabMessage } from '../storage/tabs';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

/** A studio with one trained run. */
async function trained() {
  const memory = memoryStores();
  const handler = new StudioHandler(
    async () => studioDevice,
    async () => memory.stores,
    pixels,
    noFiles,
  );
  const record = unwrap(await handler.startRun(request({ epochs: 1 }), () => undefined));
  return { ...memory, handler, record };
}

describe('a run at rest', () => {
  it('loses its weights and keeps its record and predictions', async () => {
    const { handler, record, records, predictions, checkpoints, otherTab } = await trained();
    const heard: TabMessage[] = [];
    otherTab.listen((message) => heard.push(message));
    const before = predictions.get(record.id);
    const without = unwrap(await handler.deleteRunPart(record.id, 'weights'));
    expect(without).toEqual({ ...record, weightsDeleted: true });
    expect(records.get(record.id)).toEqual(without);
    expect(keptWeights(without)).toEqual([]);
    expect(predictions.get(record.id)).toEqual(before);
    expect(checkpoints.saved.size).toBe(0);
    expect(heard).toEqual(['runsChanged']);
    expect(await handler.exportRun(record.id, 'last', 'keras-h5', () => undefined)).toMatchObject({
      failure: { code: 'not-found', sentence: expect.stringMatching(/weights of this run were deleted/) },
    });
  });

  it('loses the optimizer state alone', async () => {
    const { handler, record, records, checkpoints } = await trained();
    const stored = checkpoints.saved.get(`${record.id}/last`);
    if (stored) stored.slots = new Map([['m', new Uint8Array(4)]]);
    expect(unwrap(await handler.deleteRunPart(record.id, 'optimizerState'))).toEqual(record);
    expect(stored?.slots).toBeNull();
    expect(records.get(record.id)).toEqual(record);
    expect(keptWeights(record)).toEqual(['last', 'best']);
  });

  it('that waits to be continued leaves the queue when it is deleted, and cannot be continued without its weights', async () => {
    const { handler, record, records, stores } = await trained();
    records.set(record.id, { ...record, status: 'running' });
    await stores.queue.add([continuationOf(record, 0)]);
    const without = unwrap(await handler.deleteRunPart(record.id, 'weights'));
    expect(without).toMatchObject({ status: 'interrupted', weightsDeleted: true });
    expect(canContinue(without)).toBe(false);
    unwrap(await handler.deleteRun(record.id));
    expect((await stores.queue.list()).items).toEqual([]);
  });

  it('that is no longer stored is said to be so', async () => {
    const { handler, record } = await trained();
    unwrap(await handler.deleteRun(record.id));
    for (const part of ['weights', 'optimizerState'] as const) {
      expect(await handler.deleteRunPart(record.id, part)).toMatchObject({ failure: { code: 'not-found' } });
    }
  });
});

describe('a run that is in use is not touched', () => {
  it('while it goes on here', async () => {
    const { handler, records, checkpoints } = await trained();
    let refusals: unknown[] = [];
    const record = unwrap(
      await handler.startRun({ ...request({ epochs: 2 }), runId: 'run-2' }, async (event) => {
        if (event.type !== 'epochEnded' || event.log.epoch !== 1) return;
        refusals = [
          await handler.deleteRun('run-2'),
          await handler.deleteRunPart('run-2', 'weights'),
          await handler.deleteRunPart('run-2', 'optimizerState'),
        ];
      }),
    );
    const busy = { failure: { code: 'busy', sentence: 'This run is going on. Stop it first.' } };
    expect(refusals).toMatchObject([busy, busy, busy]);
    expect(records.get('run-2')).toEqual(record);
    expect(checkpoints.saved.has('run-2/last')).toBe(true);
  });

  it('while it goes on in another tab, or is copied into a backup', async () => {
    const { handler, record, records, tabs } = await trained();
    await tabs.hold(runLock(record.id), async () => {
      for (const refused of [await handler.deleteRun(record.id), await handler.deleteRunPart(record.id, 'weights')]) {
        expect(refused).toMatchObject({
          failure: { code: 'busy', sentence: 'This run is going on in another tab. Stop it there first.' },
        });
      }
    });
    const release = await tabs.takeShared(runLock(record.id));
    expect(await handler.deleteRun(record.id)).toMatchObject({
      failure: { code: 'busy', sentence: expect.stringMatching(/copied into a backup/) },
    });
    expect(records.get(record.id)).toEqual(record);
    release?.();
    unwrap(await handler.deleteRun(record.id));
    expect(records.size).toBe(0);
  });
});
