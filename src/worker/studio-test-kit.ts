/** @file What the tests of the studio handler share: what the tests of a run share, and stores in memory. For tests only. */

import type { StudioError } from '../domain/failure';
import type { RunEvent } from '../domain/protocol';
import type { RunPredictions, RunRecord } from '../domain/run';
import type { ForeignFile, ReadForeignFile } from '../exchange/foreign-file';
import type { PretrainedStore } from '../storage/pretrained-store';
import { MemoryBrowser, memoryQueue } from '../training/queue-test-kit';
import { MemoryCheckpoints, pixels, testDevice } from '../training/session-test-kit';
import type { Device } from './device';
import { StudioHandler } from './studio-handler';
import type { StudioStores } from './studio-stores';

export { dataset, images, pixels, recipe, request, SIZE } from '../training/session-test-kit';

/** {@link testDevice} for the studio worker. */
export const studioDevice: Device = {
  ...testDevice,
  isLost: () => false,
  forget: () => undefined,
  rest: async () => undefined,
  tuneKernels: async () => undefined,
  measureProduct: async () => null,
  stop: () => undefined,
};

/** For tests that read no file of another program. */
export const noFiles: ReadForeignFile = () => Promise.reject(new Error('No file is read here'));

/** In place of a file worker: reads every file as `opened`. */
export function fakeFiles(opened: Partial<ForeignFile>): ReadForeignFile {
  const refuse = () => {
    throw new Error('Not asked for here');
  };
  return (_file, work) =>
    work({ readModel: refuse, identifyBase: refuse, readWeights: () => refuse(), ...opened } as ForeignFile);
}

class NoPretrained implements PretrainedStore {
  describe = async () => null;
  open = async () => null;
  whileKept = <T>(_fileName: string, work: () => Promise<T>) => work();
  save = async () => undefined;
  openDownload = async () => null;
  continueDownload = async () => undefined;
  keepDownload = async () => undefined;
  dropDownload = async () => undefined;
  remove = async () => undefined;
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>[]> {
  const copies: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) copies.push(new Uint8Array(piece));
  return copies;
}

export function memoryStores() {
  const records = new Map<string, RunRecord>();
  const predictions = new Map<string, RunPredictions>();
  const checkpoints = new MemoryCheckpoints();
  const browser = new MemoryBrowser();
  const tabs = browser.openTab();
  const otherTab = browser.openTab();
  const stores: StudioStores = {
    checkpoints,
    queue: memoryQueue(),
    tabs,
    runs: {
      list: async () => ({ records: [...records.values()], unreadable: [] }),
      ids: async () => new Set(records.keys()),
      readRaw: async (id) => (records.has(id) ? { record: records.get(id), predictions: [] } : null),
      get: async (id) => records.get(id) ?? null,
      predictions: async (id) => predictions.get(id) ?? { last: null, best: null },
      put: async (record, predicted) => {
        records.set(record.id, structuredClone(record));
        if (predicted) predictions.set(record.id, structuredClone(predicted));
      },
      update: async (record, predicted) => {
        if (!records.has(record.id)) return false;
        records.set(record.id, structuredClone(record));
        if (predicted) predictions.set(record.id, structuredClone(predicted));
        return true;
      },
      add: async () => {
        throw new Error('Nothing is restored here');
      },
      delete: async (id) => {
        records.delete(id);
        predictions.delete(id);
      },
      close: () => undefined,
    },
    pretrained: new NoPretrained(),
    exports: { write: async (name, pieces) => new File(await gather(pieces), name) },
    runFiles: { list: async () => [], write: async () => undefined },
    freeBytes: async () => null,
    sweep: async () => ({ count: 0, sizeBytes: 0 }),
    measure: async () => ({ runs: [], pretrained: [], sampleBytes: 0, exportBytes: 0 }),
  };
  return { records, predictions, checkpoints, tabs, otherTab, stores };
}

/**
 * A studio worker's handler with stores in memory.
 * @param change what its device does beyond none at all.
 */
export function studio(change: Partial<Device> = {}) {
  const { records, predictions, checkpoints, tabs, stores } = memoryStores();
  const deviceErrors: StudioError[] = [];
  const device: Device = {
    ...studioDevice,
    check: () => {
      if (deviceErrors[0]) throw deviceErrors[0];
    },
    ...change,
  };
  const handler = new StudioHandler(
    async () => device,
    async () => stores,
    pixels,
    noFiles,
  );
  const events: RunEvent[] = [];
  return {
    handler,
    records,
    predictions,
    checkpoints,
    tabs,
    deviceErrors,
    events,
    onEvent: (event: RunEvent) => void events.push(event),
  };
}
