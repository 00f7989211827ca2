/** @file Sends models through Keras files with the studio's own handler and stores, in a worker, for the test beside it. */

import * as tf from '@tensorflow/tfjs';
import * as Comlink from 'comlink';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { weightKey } from '../domain/architecture';
import type { DatasetSummary } from '../domain/dataset';
import { reply, unwrap } from '../domain/failure';
import { UNIT_SCALING } from '../domain/input-scaling';
import type { NetworkId } from '../domain/network';
import type { ExportFormat, PixelSource } from '../domain/protocol';
import { notebookRecipe } from '../domain/recipe';
import type { EpochLog, RunRecord } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import { openKerasFile } from '../exchange/open-keras-file';
import { matchModel, readModel } from '../exchange/read-model';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { openCheckpointStore } from '../storage/checkpoint-store';
import { openExportStore } from '../storage/export-store';
import { freeBytes, measureStored } from '../storage/measure-stored';
import { openPretrainedStore } from '../storage/pretrained-store';
import { openQueueStore } from '../storage/queue-store';
import { openRunFiles } from '../storage/run-files';
import { openRunStore } from '../storage/run-store';
import { openTabs } from '../storage/tabs';
import { tensorStream, weightTensors } from '../training/checkpoint-tensors';
import { startFileWorker } from './start-file-worker';
import { StudioHandler } from './studio-handler';
import type { StudioStores } from './studio-stores';
import { studioDevice } from './studio-test-kit';
import { foreignFiles } from './supervised-file';

/** A run without an epoch has no weights to export. */
const EPOCH: EpochLog = {
  epoch: 1,
  loss: 1,
  accuracy: 0.5,
  validationLoss: null,
  validationAccuracy: null,
  timeMs: 1,
  tensorCount: 0,
  gpuBytes: 0,
};

const CLASSES = ['COVID', 'HEALTHY', 'PNEUMONIA'];

/** The input size is stated in these files; the scaling is the notebook's. */
const NOTHING_OPEN = { inputSize: null, assumedScaling: UNIT_SCALING };

const dataset: DatasetSummary = {
  id: 'one-image',
  name: 'one image',
  synthetic: true,
  layout: 'class-folders',
  classNames: CLASSES,
  classCounts: [0, 1, 0].map((test) => ({ train: 0, validation: 0, test })),
  problems: [],
};

const pixels: PixelSource = {
  listImages: async () => ({
    ok: true,
    value: [{ path: 'HEALTHY/1.png', split: 'test', classIndex: 1, sizeBytes: 1 }],
  }),
  holdDataset: async () => ({ ok: true, value: null }),
  releaseDataset: async () => ({ ok: true, value: null }),
  readPixels: async ({ paths, size }) => ({
    ok: true,
    value: { data: new Uint8Array(size * size * 3).map((_, i) => (i * 31) % 255), count: paths.length, size },
  }),
  decodeFile: async () => {
    throw new Error('No file is decoded here');
  },
};

async function openStores(): Promise<StudioStores> {
  const root = await navigator.storage.getDirectory();
  const directory = (name: string) => root.getDirectoryHandle(name, { create: true });
  return {
    runs: await openRunStore(),
    queue: await openQueueStore(),
    tabs: openTabs(),
    checkpoints: openCheckpointStore(await directory('test-runs')),
    runFiles: openRunFiles(await directory('test-runs')),
    exports: openExportStore(await directory('test-exports')),
    pretrained: openPretrainedStore(await directory('test-pretrained')),
    sweep: async () => ({ count: 0, sizeBytes: 0 }),
    measure: () => measureStored(root),
    freeBytes,
  };
}

const stores = openStores();
const handler = new StudioHandler(
  async () => {
    await tf.setBackend('cpu');
    return studioDevice;
  },
  () => stores,
  pixels,
  foreignFiles(startFileWorker),
);

/** A finished run of random weights; its checkpoint is real. */
async function makeRun(id: NetworkId, inputSize: number): Promise<RunRecord> {
  const { runs, checkpoints } = await stores;
  const network = new Network(buildNetwork(id, inputSize, CLASSES.length));
  initializeWeights(network, 7);
  const record = testRecord({
    id: `made-${id}`,
    recipe: { ...notebookRecipe(id), inputSize },
    dataset: { ...dataset, counts: { train: 0, validation: 0, test: 1 } },
    epochs: [EPOCH],
  });
  await checkpoints.save(record.id, {
    epoch: 1,
    step: 0,
    bestEpoch: null,
    state: null,
    weights: tensorStream(weightTensors(network)),
    slots: tensorStream([]),
  });
  await runs.put(record);
  network.dispose();
  return record;
}

const api = {
  /** Exports a run. */
  async exportRun(id: NetworkId, inputSize: number, format: ExportFormat) {
    const record = await makeRun(id, inputSize);
    const seen: number[] = [];
    const file = unwrap(
      await handler.exportRun(record.id, 'last', format, ({ doneBytes, totalBytes }) =>
        seen.push(doneBytes / totalBytes),
      ),
    );
    return { file, lastProgress: seen.at(-1) };
  },
  /** Exports a run as a Keras file and imports the file again; names the weights that are not the same. */
  async roundTrip(id: NetworkId, inputSize: number) {
    const { file } = await api.exportRun(id, inputSize, 'keras-h5');
    const record = unwrap(
      await handler.importModel({ runId: `imported-${id}`, file, dataset, ...NOTHING_OPEN }, () => undefined),
    );
    const { checkpoints, runs } = await stores;
    const made = (await checkpoints.open(`made-${id}`, 'last')).weights;
    const imported = (await checkpoints.open(record.id, 'last')).weights;
    const differing: string[] = [];
    for (const spec of weightSpecs(buildNetwork(id, inputSize, CLASSES.length))) {
      const [a, b] = await Promise.all([made, imported].map(({ read }) => read(weightKey(spec))));
      if (a.length !== b.length || a.some((byte, i) => byte !== b[i])) differing.push(weightKey(spec));
    }
    const stored = await runs.get(record.id);
    const predictions = await runs.predictions(record.id);
    for (const runId of [`made-${id}`, `imported-${id}`]) unwrap(await handler.deleteRun(runId));
    return { record, predictions, isStored: stored !== null, differing, tensors: tf.memory().numTensors };
  },
  importModel: (bytes: Uint8Array<ArrayBuffer>, fileName: string, classNames: string[]) =>
    handler.importModel(
      { runId: 'refused', file: new File([bytes], fileName), dataset: { ...dataset, classNames }, ...NOTHING_OPEN },
      () => undefined,
    ),
  /** Names of the checkpoint directories. */
  listCheckpoints: async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (await root.getDirectoryHandle('test-runs')).keys()) names.push(name);
    return names;
  },
  listRuns: async () => (await (await stores).runs.list()).records.map(({ id }) => id),
  /** Which network a file is, and whether every weight of it is in the file. */
  identify: (bytes: Uint8Array<ArrayBuffer>, fileName: string) =>
    reply(async () => {
      const opened = await openKerasFile(new File([bytes], fileName));
      const { network, classCount, inputSize } = await readModel(opened);
      const size = inputSize.kind === 'stated' ? inputSize.size : inputSize.min;
      const matched = matchModel(opened, { network, classCount }, size);
      matched.close();
      return { network, inputSize, weights: matched.weights.length };
    }),
  /** Imports a base network's weights for training. */
  importWeights: (bytes: Uint8Array<ArrayBuffer>, fileName: string) =>
    handler.importWeights(new File([bytes], fileName)),
};

export type KerasModelTestApi = typeof api;

Comlink.expose(api);
