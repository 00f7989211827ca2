/** @file A run's trained model as a file: read from its checkpoint piece by piece, no tensor and no GPU involved. */

import { buildNetwork } from '../architectures/build-network';
import { NETWORKS } from '../domain/network';
import type { ExportFormat, TransferProgress } from '../domain/protocol';
import type { RunRecord, WeightsKind } from '../domain/run';
import { exportKerasH5 } from '../exchange/export-keras-h5';
import { exportTfjs } from '../exchange/export-tfjs';
import { kerasModelOf } from '../exchange/keras-config';
import type { ExportedFile } from '../exchange/keras-model';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { ExportStore } from '../storage/export-store';
import { openWeights } from '../training/open-weights';

const FORMATS = {
  'keras-h5': { write: exportKerasH5, ending: '.h5', name: 'Keras file' },
  tfjs: { write: exportTfjs, ending: '-tfjs.zip', name: 'TensorFlow.js model' },
} as const;

/**
 * @throws {StudioError} `not-found` when the run has no such weights, `storage` when they are damaged or the disk is full,
 * `bad-input` when the format cannot scale the input as the run does.
 */
export async function exportRun(
  stores: { checkpoints: CheckpointStore; exports: ExportStore },
  record: RunRecord,
  kind: WeightsKind,
  format: ExportFormat,
  onProgress: (progress: TransferProgress) => void,
): Promise<File> {
  const { weights } = await openWeights(stores.checkpoints, record, kind);
  const { recipe, dataset, inputScaling } = record;
  const { write, ending, name } = FORMATS[format];
  const graph = buildNetwork(recipe.network, recipe.inputSize, dataset.classNames.length);
  const exported = write(kerasModelOf(graph, inputScaling), weights);
  const subject = `The ${name} of ${NETWORKS[recipe.network].name}`;
  return stores.exports.write(`${recipe.network}-${kind}${ending}`, reported(exported, onProgress), subject);
}

async function* reported({ sizeBytes, pieces }: ExportedFile, onProgress: (progress: TransferProgress) => void) {
  let doneBytes = 0;
  for await (const piece of pieces()) {
    yield piece;
    doneBytes += piece.byteLength;
    onProgress({ doneBytes, totalBytes: sizeBytes });
  }
}
