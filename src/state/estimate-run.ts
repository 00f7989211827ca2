/** @file What a run will need, before it starts: memory by arithmetic, time by arithmetic and a measured rate. */

import { rememberedNetwork } from '../architectures/build-network';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { questionOf, searchMisfit } from '../architectures/memory-fit';
import { epochOperations, operationsOf } from '../architectures/operations';
import { planTraining } from '../architectures/plan';
import { remembered } from '../base/remembered';
import type { DeviceCapacity, DeviceKind } from '../domain/device';
import type { NetworkId } from '../domain/network';
import type { Recipe } from '../domain/recipe';
import { closestRate, type MeasuredRate } from './measured-rates';

/** Share of the best matrix product's rate that a training step is assumed to reach until it has been measured. */
const ASSUMED_SHARE = 0.3;

export interface TimeEstimate {
  /** One epoch with its validation. Reading images and saving weights are included as far as the rate of `basis` includes them. */
  epochMs: number;
  /** The rate it was computed with, billions of operations a second. */
  gflops: number;
  basis:
    | { kind: 'epoch'; inputSize: number; batchSize: number } // measured: this network's newest epoch on this device
    | { kind: 'product'; productGflops: number; share: number }; // assumed: a share of a matrix product just measured
}

export interface RunEstimate {
  network: NetworkId;
  /** What it would train on. */
  device: DeviceKind;
  /** Peak memory of a training step, by arithmetic. */
  memoryBytes: number;
  /** Why it does not fit this device and what would, in a sentence; null when it fits as far as is known. */
  misfit: string | null;
  /** Null without a dataset, or when nothing could be measured yet. */
  time: TimeEstimate | null;
}

export interface EstimateBasis {
  classCount: number;
  /** Images of the two splits that every epoch goes through; null while there is no dataset. */
  counts: { train: number; validation: number } | null;
  gpu: string;
  capacity: DeviceCapacity;
  rates: readonly MeasuredRate[];
  /** GFLOP/s of the best matrix product, used where no rate has been measured; null while unknown. */
  productGflops: number | null;
}

const trainingPlan = remembered(16, (network: NetworkId, inputSize: number, classCount: number) =>
  planTraining(rememberedNetwork(network, inputSize, classCount)),
);

/**
 * The memory and time that a recipe will take.
 * @param pause lets others have their turn; awaited before each of the estimates by which what would fit is found.
 * @throws {StudioError} bad-input when the input size is below what the network allows.
 */
export async function estimateRun(
  recipe: Recipe,
  basis: EstimateBasis,
  pause: () => Promise<void>,
): Promise<RunEstimate> {
  const { classCount, counts, capacity } = basis;
  const plan = trainingPlan(recipe.network, recipe.inputSize, classCount);
  const memory = estimateTrainingMemory(questionOf(recipe, plan), recipe.batchSize);
  const search = searchMisfit(recipe, plan, capacity);
  let step = search.next();
  while (!step.done) {
    await pause();
    step = search.next();
  }
  const operations = counts ? epochOperations(operationsOf(plan, recipe.optimizer), counts) : 0;
  return {
    network: recipe.network,
    device: capacity.kind,
    memoryBytes: memory.totalBytes,
    misfit: step.value,
    time: operations > 0 ? estimateTime(recipe, basis, operations) : null,
  };
}

function estimateTime(
  recipe: Recipe,
  { rates, gpu, productGflops }: EstimateBasis,
  operations: number,
): TimeEstimate | null {
  const measured = closestRate(rates, recipe, gpu);
  if (measured) {
    const epochMs = operations / (measured.gflops * 1e6);
    const { inputSize, batchSize } = measured.recipe;
    return { epochMs, gflops: measured.gflops, basis: { kind: 'epoch', inputSize, batchSize } };
  }
  if (productGflops === null) return null;
  const gflops = productGflops * ASSUMED_SHARE;
  return {
    epochMs: operations / (gflops * 1e6),
    gflops,
    basis: { kind: 'product', productGflops, share: ASSUMED_SHARE },
  };
}
