/** @file Whether a recipe's training step fits a device's memory, and the sentence that says what would. */

import { remembered } from '../base/remembered';
import { type DeviceCapacity, type DeviceKind, memoryWords } from '../domain/device';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { Recipe } from '../domain/recipe';
import { buildNetwork } from './build-network';
import { largestThatFits } from './largest-that-fits';
import { estimateTrainingMemory, type MemoryEstimate, type MemoryQuestion } from './memory-estimate';
import { type Plan, planTraining } from './plan';

export interface Refusal {
  /** Bytes of the block that was refused. */
  askedBytes: number;
  /** Bytes of all other blocks, without idle ones. */
  usedBytes: number;
}

/** Factor on the estimate for what kernels allocate themselves and for what cannot be freed in time. */
const MARGIN = 1.1;

const DEVICES: Record<DeviceKind, string> = { webgpu: 'this GPU', processor: 'the processor device' };

/** A sentence that is searched for in steps of one estimate each: a page does something else between them. */
export type Search<Found> = Generator<void, Found>;

/** Why this recipe's step does not fit, in a sentence that names the largest batch that does; null when it fits. */
export function misfitOf(recipe: Recipe, plan: Plan, capacity: DeviceCapacity): string | null {
  return found(searchMisfit(recipe, plan, capacity));
}

/** {@link misfitOf}, in steps. */
export function* searchMisfit(recipe: Recipe, plan: Plan, capacity: DeviceCapacity): Search<string | null> {
  const estimate = estimateTrainingMemory(questionOf(recipe, plan), recipe.batchSize);
  if (estimate.largestBufferBytes > capacity.bufferBytes)
    return yield* bufferMisfit(recipe, plan, capacity, estimate.largestBufferBytes);
  if (!fits(estimate, capacity)) return yield* memoryMisfit(recipe, plan, capacity, estimate.totalBytes * MARGIN);
  return null;
}

/** What a search finds, at once. */
function found<Found>(search: Search<Found>): Found {
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

/** The sentence for a step that the device has refused, whatever the estimate says. */
export function refusedStep(
  recipe: Recipe,
  plan: Plan,
  capacity: DeviceCapacity,
  { askedBytes, usedBytes }: Refusal,
): string {
  if (askedBytes > capacity.bufferBytes) return found(bufferMisfit(recipe, plan, capacity, askedBytes));
  const estimate = estimateTrainingMemory(questionOf(recipe, plan), recipe.batchSize);
  const neededBytes = Math.max(estimate.totalBytes, usedBytes + askedBytes);
  const excess = neededBytes / estimate.totalBytes;
  if (!fits(estimate, capacity, excess)) return found(memoryMisfit(recipe, plan, capacity, neededBytes, excess));
  // Idle buffers filled the memory. The pool now knows the limit and will keep fewer.
  return `${needs(recipe, neededBytes, capacity)}, part of it for what is kept ready. Train again: less will be kept, and it should fit.`;
}

/** The part of a recipe that its memory estimate depends on, with its plan. */
export function questionOf({ optimizer, frozenBatchNorm }: Recipe, plan: Plan): MemoryQuestion {
  return { plan, optimizer, frozenBatchNorm };
}

/** @param excess what a step was seen to need, divided by the estimate. */
function fits({ totalBytes, largestBufferBytes }: MemoryEstimate, capacity: DeviceCapacity, excess = 1): boolean {
  return largestBufferBytes <= capacity.bufferBytes && totalBytes * excess * MARGIN <= roomOf(capacity);
}

/** The most that the device gives in all, as far as is known. */
function roomOf({ limitBytes, knownBytes }: DeviceCapacity): number {
  return Math.min(limitBytes ?? Number.POSITIVE_INFINITY, knownBytes ?? Number.POSITIVE_INFINITY);
}

function* bufferMisfit(recipe: Recipe, plan: Plan, capacity: DeviceCapacity, neededBytes: number): Search<string> {
  const single = `needs a single buffer of ${megabytes(neededBytes)}, and ${DEVICES[capacity.kind]} allows ${megabytes(capacity.bufferBytes)}`;
  return `${stepOf(recipe)} ${single}. ${yield* advice(recipe, plan, capacity)}`;
}

function* memoryMisfit(
  recipe: Recipe,
  plan: Plan,
  capacity: DeviceCapacity,
  neededBytes: number,
  excess = 1,
): Search<string> {
  return `${needs(recipe, neededBytes, capacity)}. ${yield* advice(recipe, plan, capacity, excess)}`;
}

function needs(recipe: Recipe, neededBytes: number, capacity: DeviceCapacity): string {
  const room = megabytes(roomOf(capacity));
  const given = `and ${DEVICES[capacity.kind]} ${capacity.knownBytes === null ? 'has' : 'gave'} no more than ${room}`;
  return `${stepOf(recipe)} needs about ${megabytes(neededBytes)} of ${memoryWords(capacity.kind)}, ${given}`;
}

function stepOf({ network, inputSize, batchSize }: Recipe): string {
  return `${NETWORKS[network].name} at ${inputSize} px with Batch size ${batchSize}`;
}

function* advice(recipe: Recipe, plan: Plan, capacity: DeviceCapacity, excess = 1): Search<string> {
  const holds = (estimate: MemoryEstimate) => fits(estimate, capacity, excess);
  const question = questionOf(recipe, plan);
  // More images need more memory. The stem's slices make small exceptions, where this may be below the true maximum.
  const holdsWith = (batch: number) => holds(estimateTrainingMemory(question, batch));
  const batch = yield* largestThatFits(1, recipe.batchSize, holdsWith);
  if (batch !== null) return `The largest Batch size that fits is ${batch}.`;
  const { minInputSize } = NETWORKS[recipe.network];
  const none = 'Not even one image at a time fits:';
  if (recipe.inputSize <= minInputSize) return `${none} it needs a GPU with enough memory.`;
  const [classCount] = plan.graph.layers[plan.graph.layers.length - 1].outputShape;
  // Larger images need more memory.
  const holdsAt = (inputSize: number) => {
    const smaller = questionOf(recipe, rememberedPlan(recipe.network, inputSize, classCount));
    return holds(estimateTrainingMemory(smaller, recipe.batchSize));
  };
  const size = yield* largestThatFits(minInputSize, recipe.inputSize, holdsAt);
  return size === null
    ? `${none} choose a smaller Input size and Batch size.`
    : `${none} choose a smaller Input size. With Batch size ${recipe.batchSize} the largest that fits is ${size}.`;
}

/** As screens ask again with each change of a recipe: those that one search goes through. */
const rememberedPlan = remembered(16, (network: NetworkId, inputSize: number, classCount: number) =>
  planTraining(buildNetwork(network, inputSize, classCount)),
);

/** Binary, as browsers count them and the screens show them. */
function megabytes(sizeBytes: number): string {
  return `${Math.round(sizeBytes / 2 ** 20).toLocaleString('en')} MB`;
}
