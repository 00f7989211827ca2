/**
 * @file A whole model that Keras trained, imported as a finished run: compared and explained like the studio's own.
 *
 * Its weights go from the file to a checkpoint piece by piece. When the GPU is free the model is tested, as any run is at its
 * end, and only then it gets a record. A page that is closed before leaves a checkpoint without a record, which the next
 * start removes.
 */

import { buildNetwork } from '../architectures/build-network';
import { type Graph, weightSpecs } from '../architectures/graph';
import { weightKey } from '../domain/architecture';
import { deviceName } from '../domain/device';
import { StudioError, unwrap } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import type { ImportModelRequest, ImportPhase, PixelSource } from '../domain/protocol';
import { notebookRecipe } from '../domain/recipe';
import { type RunRecord, scoreOf } from '../domain/run';
import type { ForeignFile, ReadForeignFile } from '../exchange/foreign-file';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { RunStore } from '../storage/run-store';
import { evaluate } from './evaluate';
import { loadTrainedNetwork } from './load-trained-network';
import { newRunRecord } from './new-run-record';
import { requireLabels } from './require-labels';
import type { RunDevice } from './run-device';

export interface ImportDependencies {
  runs: RunStore;
  checkpoints: CheckpointStore;
  pixels: PixelSource;
  readForeign: ReadForeignFile;
  /** True while a training has the device. */
  isTraining: () => boolean;
  /** Does work when the device is free, on the one that there is then. */
  inTurn: <T>(work: (device: RunDevice) => Promise<T>) => Promise<T>;
}

/**
 * Reads, stores and tests a model of another program, and makes it a finished run.
 * @returns the record as stored, tested.
 * @throws {StudioError} `bad-weights` when the file is none of the networks or damaged, `bad-input` when the number
 * of classes differs or the input size does not fit; its checkpoint is deleted then.
 */
export async function importModel(
  request: ImportModelRequest,
  dependencies: ImportDependencies,
  onPhase: (phase: ImportPhase) => void,
): Promise<RunRecord> {
  const { runs, checkpoints, pixels, readForeign, isTraining, inTurn } = dependencies;
  const { runId, file, dataset } = request;
  try {
    // Another dataset may be opened while the test waits.
    unwrap(await pixels.holdDataset(dataset.id, runId));
    onPhase('reading');
    const { reading, graph } = await readForeign(file, (opened) => storeWeights(request, opened, checkpoints));
    if (isTraining()) onPhase('waiting');
    const { record, evaluated } = await inTurn(async (device) => {
      onPhase('testing');
      const record = finishedRecord(request, reading, graph, device);
      const split = await test(record, request, dependencies);
      await device.settle();
      device.check();
      return { record, evaluated: split };
    });
    record.test.last = evaluated && scoreOf(evaluated);
    await runs.put(record, { last: evaluated?.predictions ?? null, best: null });
    return record;
  } catch (error) {
    await checkpoints.delete(runId).catch(() => undefined);
    throw error;
  } finally {
    await pixels.releaseDataset(dataset.id, runId);
  }
}

async function storeWeights(request: ImportModelRequest, opened: ForeignFile, checkpoints: CheckpointStore) {
  const { runId, file, dataset } = request;
  const reading = await opened.readModel();
  const { network, classCount } = reading;
  if (classCount !== dataset.classNames.length) {
    const sentence = `${file.name} has ${classCount} classes, and the open dataset has ${dataset.classNames.length}: ${dataset.classNames.join(', ')}.`;
    throw new StudioError('bad-input', sentence);
  }
  const inputSize = sizeFor(request, reading);
  const graph = buildNetwork(network, inputSize, classCount);
  await checkpoints.save(runId, {
    epoch: 0,
    step: 0,
    bestEpoch: null,
    state: null,
    weights: {
      tensors: weightSpecs(graph).map((spec) => ({ name: weightKey(spec), shape: spec.shape })),
      async *pieces() {
        for await (const { buffer, byteOffset, byteLength } of opened.readWeights({ kind: 'model', inputSize })) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      },
    },
    slots: null,
  });
  return { reading, graph };
}

/** The size that the file states, else the one that the person gave. */
function sizeFor({ file, inputSize }: ImportModelRequest, reading: ModelReading): number {
  if (reading.inputSize.kind === 'stated') return reading.inputSize.size;
  const { min, max } = reading.inputSize;
  if (inputSize !== null && Number.isInteger(inputSize) && inputSize >= min && inputSize <= max) return inputSize;
  const sentence = `${file.name} does not state the size of its input. Give the one it was trained at: a whole number from ${min} to ${max} pixels.`;
  throw new StudioError('bad-input', sentence);
}

async function test(record: RunRecord, { dataset }: ImportModelRequest, { checkpoints, pixels }: ImportDependencies) {
  const network = await loadTrainedNetwork(checkpoints, record, 'last');
  try {
    const { inputSize: size, interpolation, batchSize } = record.recipe;
    const images = unwrap(await pixels.listImages(dataset.id, { split: 'test' }));
    requireLabels(images, dataset);
    return await evaluate(network, {
      images,
      batchSize,
      inputScaling: record.inputScaling,
      readPixels: async (images) => {
        const paths = images.map(({ path }) => path);
        return unwrap(await pixels.readPixels({ datasetId: dataset.id, paths, size, interpolation }));
      },
    });
  } finally {
    network.dispose();
  }
}

/** How the model was trained is not known: the record holds the notebook's recipe, which no screen shows. */
function finishedRecord(
  { runId, file, dataset, assumedScaling }: ImportModelRequest,
  { network, configuration, inputScaling }: ModelReading,
  graph: Graph,
  device: RunDevice,
): RunRecord {
  const inputSize = graph.layers[0].outputShape[0];
  const recipe = { ...notebookRecipe(network), inputSize, epochs: 0 };
  const record = newRunRecord({ runId, recipe, dataset }, graph, deviceName(device.status), 'file');
  const isStated = inputScaling.kind === 'stated';
  return {
    ...record,
    sourceFile: file.name,
    inputScaling: isStated ? inputScaling.scaling : assumedScaling,
    scalingAssumed: !isStated,
    configurationAssumed: configuration === 'absent',
    lastKept: { epoch: 0, step: 0 },
    status: 'finished',
  };
}
