/**
 * @file A whole model that Keras trained, taken in as a finished run: compared and explained like the studio's own.
 *
 * Its weights go from the file to a checkpoint piece by piece; only then is it tested, as any run is at its end.
 */

import { buildNetwork } from '../architectures/build-network';
import type { Graph } from '../architectures/graph';
import { weightKey } from '../domain/architecture';
import { StudioError, unwrap } from '../domain/failure';
import type { GpuStatus, ImportModelRequest, PixelSource } from '../domain/protocol';
import { gpuName } from '../domain/protocol';
import { notebookRecipe } from '../domain/recipe';
import { type RunPredictions, type RunRecord, scoreOf } from '../domain/run';
import type { MatchedWeights } from '../exchange/match-weights';
import type { ModelReading } from '../exchange/model-reading';
import { openKerasFile } from '../exchange/open-keras-file';
import { matchModel, readModel } from '../exchange/read-model';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { RunStore } from '../storage/run-store';
import type { TensorStream } from '../storage/tensor-file';
import { evaluate } from '../training/evaluate';
import { newRunRecord } from '../training/new-run-record';
import { loadTrainedNetwork } from './load-trained-network';

/**
 * @throws {StudioError} `bad-weights` naming every layer that does not fit, `bad-input` when the classes are of another
 * number; the run is removed again whatever fails.
 */
export async function importModel(
  { runId, file, dataset }: ImportModelRequest,
  stores: { runs: RunStore; checkpoints: CheckpointStore },
  pixels: PixelSource,
  gpu: GpuStatus,
): Promise<RunRecord> {
  const opened = await openKerasFile(file);
  let graph: Graph;
  let reading: ModelReading;
  try {
    reading = await readModel(opened);
    const { network, classCount, inputSize } = reading;
    graph = buildNetwork(network, inputSize.kind === 'stated' ? inputSize.size : inputSize.min, classCount);
    if (classCount !== dataset.classNames.length) {
      const sentence = `${file.name} tells ${classCount} classes apart, and the open dataset has ${dataset.classNames.length}: ${dataset.classNames.join(', ')}.`;
      throw new StudioError('bad-input', sentence);
    }
  } catch (error) {
    opened.close();
    throw error;
  }
  const matched = matchModel(opened, reading, graph.layers[0].outputShape[0]);
  try {
    await stores.checkpoints.save(runId, {
      epoch: 0,
      isBest: false,
      state: null,
      weights: streamOf(matched),
      slots: { tensors: [], pieces: async function* () {} },
    });
    const record = finishedRecord({ runId, file, dataset }, graph, gpu);
    const predictions: RunPredictions = { last: null, best: null };
    const network = await loadTrainedNetwork(stores.checkpoints, record, 'last');
    try {
      const { inputSize: size, interpolation, batchSize } = record.recipe;
      const evaluated = await evaluate(network, {
        images: unwrap(await pixels.listImages(dataset.id, { split: 'test' })),
        batchSize,
        readPixels: async (images) => {
          const paths = images.map(({ path }) => path);
          return unwrap(await pixels.readPixels({ datasetId: dataset.id, paths, size, interpolation }));
        },
      });
      record.test.last = evaluated && scoreOf(evaluated);
      predictions.last = evaluated?.predictions ?? null;
    } finally {
      network.dispose();
    }
    await stores.runs.put(record, predictions);
    return record;
  } catch (error) {
    await stores.checkpoints.delete(runId).catch(() => undefined);
    throw error;
  } finally {
    matched.close();
  }
}

function streamOf({ weights }: MatchedWeights): TensorStream {
  return {
    tensors: weights.map(({ spec }) => ({ name: weightKey(spec), shape: spec.shape })),
    async *pieces() {
      for (const { pieces } of weights) {
        for await (const { buffer, byteOffset, byteLength } of pieces()) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      }
    },
  };
}

/** What of the recipe made the model is not known; the notebook's stands there, and no screen shows it. */
function finishedRecord({ runId, file, dataset }: ImportModelRequest, graph: Graph, gpu: GpuStatus): RunRecord {
  const inputSize = graph.layers[0].outputShape[0];
  const recipe = { ...notebookRecipe(graph.network), inputSize, epochs: 0 };
  const record = newRunRecord({ runId, recipe, dataset }, graph, gpuName(gpu), 'file');
  return { ...record, sourceFile: file.name, status: 'finished' };
}
