/** @file What both sides are given to train: the notebook's recipe at the size asked for, and one batch of random pixels. */

import { RandomStream } from '../base/random';
import { NETWORKS, type NetworkId } from '../domain/network';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import type { BenchOptions } from './options';
import type { Pace } from './side-name';
import type { Task } from './trainer';

const CLASS_COUNT = 3;
/** Where the processor plays the GPU: small enough that stock kernels are through with all four in some minutes. */
const SOFTWARE_SIZES: Record<NetworkId, number> = { baseline: 64, vgg16: 32, inceptionv3: 75, densenet121: 32 };
const SOFTWARE_BATCH = 4;
/** On the processor: what Keras is measured with too. */
const PROCESSOR_CASES: Record<NetworkId, Case> = {
  baseline: { inputSize: 224, batch: 32 },
  vgg16: { inputSize: 224, batch: 8 },
  inceptionv3: { inputSize: 150, batch: 8 },
  densenet121: { inputSize: 224, batch: 8 },
};

interface Case {
  inputSize: number;
  batch: number;
}

function caseOf(network: NetworkId, pace: Pace): Case {
  switch (pace) {
    case 'gpu':
      return { inputSize: NETWORKS[network].nativeInputSize, batch: notebookRecipe(network).batchSize };
    case 'software':
      return { inputSize: SOFTWARE_SIZES[network], batch: SOFTWARE_BATCH };
    case 'processor':
      return PROCESSOR_CASES[network];
    default:
      return pace satisfies never;
  }
}

/** @throws {StudioError} bad-input when the input size is too small for the network. */
export function taskOf(
  network: NetworkId,
  options: Pick<BenchOptions, 'inputSize' | 'batch' | 'augmentation'>,
  pace: Pace,
): Task {
  const recipe: Recipe = notebookRecipe(network);
  const usual = caseOf(network, pace);
  recipe.inputSize = options.inputSize ?? usual.inputSize;
  recipe.batchSize = options.batch ?? usual.batch;
  recipe.epochs = 1;
  if (!options.augmentation) {
    recipe.augmentation = {
      rotationDegrees: 0,
      heightShift: 0,
      widthShift: 0,
      zoom: 0,
      horizontalFlip: false,
      noiseDeviation: 0,
      clip: false,
    };
  }
  const { inputSize: size, batchSize: count, seed } = recipe;
  const stream = RandomStream.named(seed, 'bench');
  const data = Uint8Array.from({ length: count * size * size * 3 }, () => stream.bits() & 255);
  const labels = Array.from({ length: count }, (_, i) => i % CLASS_COUNT);
  return { recipe, classCount: CLASS_COUNT, pixels: { data, count, size }, labels };
}
