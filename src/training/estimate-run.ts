/** @file What a run will need, told before it starts: GPU memory by arithmetic, time by arithmetic and a measured rate. */

import { buildNetwork } from '../architectures/build-network';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { epochOperations, operationsOf } from '../architectures/operations';
import { planTraining } from '../architectures/plan';
import type { RunEstimate, TimeEstimate } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import { closestRate, type MeasuredRate } from './measured-rates';
import { type GpuRoom, misfitOf, questionOf } from './memory-fit';

/** Of the best matrix product, the part that a training step is assumed to reach until it has been measured. */
const ASSUMED_SHARE = 0.3;

export interface EstimateBasis {
  classCount: number;
  /** Null: nobody knows how many images there will be. */
  counts: { train: number; validation: number } | null;
  gpu: string;
  /** Null where nobody counts GPU memory. */
  room: GpuRoom | null;
  rates: readonly MeasuredRate[];
  /** GFLOP/s of the best matrix product; asked for only where no rate has been measured. Null: cannot be had now. */
  measureProduct: () => Promise<number | null>;
}

/** @throws {StudioError} bad-input when the input size is below what the network allows. */
export async function estimateRun(recipe: Recipe, basis: EstimateBasis): Promise<RunEstimate> {
  const { classCount, counts, room } = basis;
  const plan = planTraining(buildNetwork(recipe.network, recipe.inputSize, classCount));
  const memory = room ? estimateTrainingMemory(questionOf(recipe, plan), recipe.batchSize) : null;
  const operations = counts ? epochOperations(operationsOf(plan, recipe.optimizer), counts) : 0;
  return {
    network: recipe.network,
    memoryBytes: memory?.totalBytes ?? null,
    misfit: room ? misfitOf(recipe, plan, room) : null,
    time: operations > 0 ? await estimateTime(recipe, basis, operations) : null,
  };
}

async function estimateTime(
  recipe: Recipe,
  { rates, gpu, measureProduct }: EstimateBasis,
  operations: number,
): Promise<TimeEstimate | null> {
  const measured = closestRate(rates, recipe, gpu);
  if (measured) {
    const epochMs = operations / (measured.gflops * 1e6);
    const { inputSize, batchSize } = measured.recipe;
    return { epochMs, gflops: measured.gflops, basis: { kind: 'epoch', inputSize, batchSize } };
  }
  const productGflops = await measureProduct();
  if (productGflops === null) return null;
  const gflops = productGflops * ASSUMED_SHARE;
  return {
    epochMs: operations / (gflops * 1e6),
    gflops,
    basis: { kind: 'product', productGflops, share: ASSUMED_SHARE },
  };
}
