/** @file A run's trained model as a file: read from its checkpoint piece by piece, no tensor and no GPU involved. */

import { buildNetwork } from '../architectures/build-network';
import { NETWORKS } from '../domain/network';
import type { ExportFormat, TransferProgress } from '../domain/protocol';
import type { RunRecord, WeightsKind } from '../domain/run';
import type { ExportStore } from '../storage/export-store';
import { exportKerasH5 } from './export-keras-h5';
import { exportTfjs } from './export-tfjs';
import { kerasModelOf } from './keras-config';
import type { ExportedFile, WeightSource } from './keras-model';

const FORMATS = {
  'keras-h5': { write: exportKerasH5, ending: '.h5', name: 'Keras file' },
  tfjs: { write: exportTfjs, ending: '-tfjs.zip', name: 'TensorFlow.js model' },
} as const;

/**
 * Writes a model and keeps the file until the next export.
 * @param source the numbers of the run's weights of this kind
 * @throws {StudioError} `storage` when they are damaged or the disk is full, `bad-input` when the format cannot scale the input as the run does.
 */
export async function exportRun(
  exports: ExportStore,
  { recipe, dataset, inputScaling }: RunRecord,
  { kind, source }: { kind: WeightsKind; source: WeightSource },
  format: ExportFormat,
  onProgress: (progress: TransferProgress) => void,
): Promise<File> {
  const { write, ending, name } = FORMATS[format];
  const graph = buildNetwork(recipe.network, recipe.inputSize, dataset.classNames.length);
  const exported = write(kerasModelOf(graph, inputScaling), source);
  const subject = `The ${name} of ${NETWORKS[recipe.network].name}`;
  return exports.write(`${recipe.network}-${kind}${ending}`, reported(exported, onProgress), subject);
}

async function* reported({ sizeBytes, pieces }: ExportedFile, onProgress: (progress: TransferProgress) => void) {
  let doneBytes = 0;
  for await (const piece of pieces()) {
    yield piece;
    doneBytes += piece.byteLength;
    onProgress({ doneBytes, totalBytes: sizeBytes });
  }
}
