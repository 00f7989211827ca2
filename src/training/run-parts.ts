/** @file What a run needs around it, and what a session works with: made, checked against the device, and freed again. */

import { buildNetwork } from '../architectures/build-network';
import { misfitOf } from '../architectures/memory-fit';
import { type Plan, planTraining } from '../architectures/plan';
import { trainingListHash } from '../domain/checkpoint';
import { resolveClassWeights } from '../domain/class-weights';
import { countImages } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import type { PixelSource, RunEvent, RunRequest } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { Network } from '../networks/network';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { RunStore } from '../storage/run-store';
import { createOptimizer, type Optimizer } from './optimizer';
import { RunCheckpoints } from './run-checkpoints';
import type { RunDevice } from './run-device';
import { RunImages } from './run-images';

export interface RunDependencies {
  pixels: PixelSource;
  checkpoints: CheckpointStore;
  runs: Pick<RunStore, 'put' | 'update'>;
  /** A stored run, that another one goes on from; null when it is no longer stored. */
  findRun: RunStore['get'];
  device: RunDevice;
  /**
   * Fills every weight: from Keras' file where the recipe wants it, else at random.
   * @throws {StudioError} missing-weights
   */
  fillWeights: (network: Network, request: RunRequest) => Promise<RunRecord['weightsOrigin']>;
}

/** What a session works with, whether made new or restored. It owns the network, the optimizer and the hold on images. */
export interface RunParts {
  recipe: Recipe;
  images: RunImages;
  /** As the function of this name gives it. */
  trainingListHash: string;
  /** Training images of each class, by class index. */
  trainCounts: number[];
  network: Network;
  plan: Plan;
  /** By class index; null where every image counts the same. */
  classWeights: number[] | null;
  optimizer: Optimizer;
  checkpoints: RunCheckpoints;
}

/** @throws {StudioError} when there is nothing to train on, or when no step of it can fit this device. */
export async function assembleParts(
  { runId, dataset }: Omit<RunRequest, 'recipe'>,
  recipe: Recipe,
  { pixels, device, checkpoints }: RunDependencies,
  onEvent: (event: RunEvent) => void,
): Promise<RunParts> {
  if (countImages(dataset, 'train') === 0) {
    throw new StudioError('bad-input', `${dataset.name} has no usable image in its training split.`);
  }
  onEvent({ type: 'phaseChanged', phase: 'preparing', detail: `Building ${NETWORKS[recipe.network].name}` });
  const network = new Network(buildNetwork(recipe.network, recipe.inputSize, dataset.classNames.length));
  const plan = planTraining(network.graph);
  // A buffer above the device's limit can never be made. How much memory is free only the first step shows.
  const misfit = misfitOf(recipe, plan, { ...device.capacity(), knownBytes: null });
  if (misfit) throw new StudioError('out-of-memory', misfit);
  const images = await RunImages.hold(pixels, dataset, runId, recipe);
  const optimizer = createOptimizer(recipe.optimizer);
  const runCheckpoints = new RunCheckpoints(checkpoints, runId, network, optimizer, device);
  const trainCounts = dataset.classNames.map((_, classIndex) => countImages(dataset, 'train', classIndex));
  const classWeights = resolveClassWeights(recipe.classWeights, dataset.classNames, trainCounts);
  return {
    recipe,
    images,
    trainingListHash: trainingListHash(images.of('train')),
    trainCounts,
    network,
    plan,
    classWeights,
    optimizer,
    checkpoints: runCheckpoints,
  };
}

/** Frees what a session works with. */
export async function releaseParts({ images, network, optimizer }: RunParts): Promise<void> {
  optimizer.dispose();
  network.dispose();
  await images.release();
}
