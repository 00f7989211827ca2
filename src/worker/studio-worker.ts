/** @file Entry of the studio worker: the device, the stores and the port to the dataset worker, behind the protocol. */

import * as Comlink from 'comlink';
import { announceSentBytes } from '../base/announce-sent-bytes';
import type { Reply } from '../domain/failure';
import type { StudioWorkerApi } from '../domain/protocol';
import { isOver } from '../domain/recovery';
import { openCheckpointStore } from '../storage/checkpoint-store';
import { openExportStore } from '../storage/export-store';
import { freeBytes, measureStored } from '../storage/measure-stored';
import { openTopDirectory } from '../storage/opfs-file';
import { openPretrainedStore } from '../storage/pretrained-store';
import { openQueueStore } from '../storage/queue-store';
import { openRunFiles } from '../storage/run-files';
import { openRunStore } from '../storage/run-store';
import { sweepLeftovers } from '../storage/sweep';
import { openTabs } from '../storage/tabs';
import { openTileStore, type TileStore } from '../storage/tile-store';
import { ConnectedPixels } from './connected-pixels';
import { holdLifeLock } from './hold-life-lock';
import { type DeviceOptions, startDevice } from './start-device';
import { loadFileWorker, startFileWorker } from './start-file-worker';
import { preloadProcessor } from './start-processor';
import { StudioHandler } from './studio-handler';
import type { StudioStores } from './studio-stores';
import { foreignFiles } from './supervised-file';

announceSentBytes();

const pixels = new ConnectedPixels();

let stores: Promise<StudioStores> | null = null;

/** Opens the stores on first use. A refusal rejects for its caller, and the next call tries again. */
function openStores(): Promise<StudioStores> {
  stores ??= (async () => {
    const directories = {
      runs: await openTopDirectory('runs'),
      pretrained: await openTopDirectory('pretrained'),
      exports: await openTopDirectory('exports'),
    };
    const runs = await openRunStore();
    return {
      runs,
      queue: await openQueueStore(),
      tabs: openTabs(),
      checkpoints: openCheckpointStore(directories.runs),
      runFiles: openRunFiles(directories.runs),
      exports: openExportStore(directories.exports),
      pretrained: openPretrainedStore(directories.pretrained),
      sweep: () =>
        sweepLeftovers(directories, async () => {
          const { records, unreadable } = await runs.list();
          const ids = new Set([...records, ...unreadable].map(({ id }) => id));
          return { ids, over: new Set(records.filter(isOver).map(({ id }) => id)) };
        }),
      freeBytes,
      measure: async () => measureStored(await navigator.storage.getDirectory()),
    };
  })();
  stores.catch(() => {
    stores = null;
  });
  return stores;
}

// The page's switches arrive as the worker's name, for example `?kernels=stock`, and what the person chose before.
const switches = new URLSearchParams(self.name);
const kernels = switches.get('kernels') === 'stock' ? 'stock' : 'ours';
// Stock kernels are those of WebGPU.
const forced = switches.get('device') ?? (kernels === 'stock' ? 'webgpu' : null);
const options: DeviceOptions = { kernels, openTiles, forced, remembered: switches.get('remembered-device') };

class StudioWorker extends StudioHandler implements StudioWorkerApi {
  connectPixels(port: MessagePort): void {
    pixels.connectPort(port);
  }

  holdLifeLock(lockName: string): Promise<Reply<null>> {
    return holdLifeLock(lockName);
  }
}

async function openTiles(): Promise<TileStore> {
  return openTileStore(await openTopDirectory('kernels'));
}

// A failure is reported when a file is read, or the processor is chosen.
loadFileWorker().catch(() => undefined);
preloadProcessor().catch(() => undefined);
const readForeign = foreignFiles(startFileWorker);

Comlink.expose(new StudioWorker((kind) => startDevice(options, kind), openStores, pixels, readForeign));
