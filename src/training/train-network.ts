/**
 * @file The training loop, as an async generator: started by calling, paused by not pulling, stopped by `return()`.
 *
 * It never waits for the batch it has just sent: each loss is read one batch late, so a GPU always has work while at
 * most two batches are under way. Before each batch the worker's messages get their turn, also where the processor computes and
 * nothing is ever waited for: so pause and stop act within one batch. Nothing here is tied to animation frames, so a hidden tab
 * keeps training.
 */

import * as tf from '@tensorflow/tfjs';
import { type Plan, planTraining } from '../architectures/plan';
import { nextTask } from '../base/next-task';
import { RandomStream } from '../base/random';
import type { TrainingPosition } from '../domain/checkpoint';
import type { DatasetImage, PixelBatch } from '../domain/dataset';
import type { InputScaling } from '../domain/input-scaling';
import type { Recipe } from '../domain/recipe';
import { backward, forward } from '../networks/execute';
import type { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { drawTransform } from './augmentation';
import { drawEpoch } from './draw-epoch';
import { softmaxCrossEntropy } from './loss';
import type { Optimizer } from './optimizer';
import { scaleInput } from './scale-input';

export interface TrainingOptions {
  network: Network;
  optimizer: Optimizer;
  recipe: Recipe;
  /** The training split. */
  images: DatasetImage[];
  readPixels: (images: DatasetImage[]) => Promise<PixelBatch>;
  /** By class index: how much an image counts in loss and gradient. Null: every image counts 1. */
  classWeights?: readonly number[] | null;
  /** How pixels become the network's input; divided by 255 by default. */
  inputScaling?: InputScaling;
  /** Where to begin, with the weights, slots and step count of that place; left out, before the first step. */
  from?: TrainingPosition;
}

type Sums = TrainingPosition['sums'];

const NO_SUMS: Sums = { loss: 0, correct: 0, count: 0 };

/** The place after so many whole epochs. */
export function epochStart(epoch: number, randomStates: TrainingPosition['randomStates']): TrainingPosition {
  return { epoch, step: 0, randomStates, sums: NO_SUMS };
}

/** Before the first step. */
function startPosition(seed: number): TrainingPosition {
  return epochStart(0, statesOf(RandomStream.named(seed, 'shuffle'), RandomStream.named(seed, 'augment')));
}

function statesOf(shuffle: RandomStream, augment: RandomStream): TrainingPosition['randomStates'] {
  return { shuffle: [...shuffle.state], augment: [...augment.state] };
}

/** Means over the epoch's samples so far; the loss is weighted where classes are. */
export interface EpochMeans {
  loss: number;
  accuracy: number;
}

export type TrainingEvent =
  /**
   * The next batch is about to be sent: the moment to pause, to stop, or to keep a checkpoint. `position` resolves, when
   * the batch before is computed, to where the run stands until the generator is pulled again.
   */
  | { type: 'ready'; position: () => Promise<TrainingPosition> }
  | {
      type: 'batch';
      epoch: number;
      batch: number;
      batchCount: number;
      imageCount: number;
      batchLoss: number;
      means: EpochMeans;
    }
  /** All losses of the epoch are in; `position` is where the next one begins. */
  | { type: 'epoch'; epoch: number; means: EpochMeans; position: TrainingPosition };

/** @throws whatever a step throws, after the work under way has ended. */
export async function* trainNetwork(options: TrainingOptions): AsyncGenerator<TrainingEvent, void, void> {
  const { network, optimizer, recipe, images, readPixels, classWeights, inputScaling } = options;
  const { from = startPosition(recipe.seed) } = options;
  const plan = planTraining(network.graph);
  const shuffle = RandomStream.fromState(from.randomStates.shuffle);
  const augment = RandomStream.fromState(from.randomStates.augment);

  for (let epoch = from.epoch + 1; epoch <= recipe.epochs; epoch += 1) {
    const isResumed = epoch === from.epoch + 1;
    const shuffleBefore = [...shuffle.state];
    const batches = splitIntoBatches(drawEpoch(images, recipe.sampling, shuffle), recipe.batchSize);
    const firstStep = isResumed ? from.step : 0;
    let totals = isResumed ? from.sums : NO_SUMS;
    const settle = async (sent: SentBatch): Promise<TrainingEvent> => {
      const [loss] = await sent.sums;
      totals = await withSums(totals, sent);
      return {
        type: 'batch',
        epoch,
        batch: sent.batch,
        batchCount: batches.length,
        imageCount: sent.count,
        batchLoss: loss / sent.count,
        means: meansOf(totals),
      };
    };

    let late: SentBatch | null = null;
    let nextPixels = ahead(readPixels(batches[firstStep]));
    try {
      for (let index = firstStep; index < batches.length; index += 1) {
        const batch = batches[index];
        const position = async (): Promise<TrainingPosition> => ({
          epoch: epoch - 1,
          step: index,
          randomStates: { shuffle: shuffleBefore, augment: [...augment.state] },
          sums: late ? await withSums(totals, late) : totals,
        });
        await nextTask();
        yield { type: 'ready', position };
        const pixels = await nextPixels;
        if (index + 1 < batches.length) nextPixels = ahead(readPixels(batches[index + 1]));
        const transforms = batch.map(() => drawTransform(recipe.augmentation, recipe.inputSize, augment));
        const labels = batch.map(({ classIndex }) => classIndex);
        // A step that fails half-way, for want of memory, leaves nothing behind.
        const sums = tf.tidy(() => {
          const x = scaleInput(augmentImages(pixels, transforms, recipe.augmentation.clip), inputScaling);
          return trainStep(network, plan, optimizer, x, labels, recipe.frozenBatchNorm, classWeights);
        });
        const sent: SentBatch = { batch: index + 1, count: batch.length, sums: ahead(readAndDispose(sums)) };
        const before = late;
        late = sent;
        if (before) yield await settle(before);
      }
      if (late) {
        const last = late;
        late = null;
        yield await settle(last);
      }
    } finally {
      // Stopped or failed: the work under way ends first, so that nothing is read after the network is freed.
      await Promise.allSettled([late?.sums, nextPixels]);
    }
    yield {
      type: 'epoch',
      epoch,
      means: meansOf(totals),
      position: epochStart(epoch, statesOf(shuffle, augment)),
    };
  }
}

async function withSums(totals: Sums, sent: SentBatch): Promise<Sums> {
  const [loss, correct] = await sent.sums;
  return { loss: totals.loss + loss, correct: totals.correct + correct, count: totals.count + sent.count };
}

/** A promise that is awaited later; a failure before that must not count as unhandled. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

interface SentBatch {
  /** Counted from 1. */
  batch: number;
  count: number;
  /** Sum of losses and number of right predictions. */
  sums: Promise<[number, number]>;
}

/**
 * One optimizer step, to be called in a `tf.tidy`.
 * @param x `[B, H, W, 3]`; freed.
 * @param classWeights by class index; left out, every image counts 1.
 * @returns the sum of losses and the number of right predictions.
 */
export function trainStep(
  network: Network,
  plan: Plan,
  optimizer: Optimizer,
  x: tf.Tensor,
  labels: number[],
  frozenBatchNorm: Recipe['frozenBatchNorm'],
  classWeights?: readonly number[] | null,
): tf.Tensor {
  const pass = forward(network, plan, x, { training: true, frozenBatchNorm });
  x.dispose();
  const sampleWeights = classWeights ? labels.map((label) => classWeights[label]) : undefined;
  const { losses, correct, dLogits } = softmaxCrossEntropy(pass.logits, labels, sampleWeights);
  optimizer.beginStep();
  backward(pass, dLogits, (spec, gradient) => optimizer.apply(network, spec, gradient));
  optimizer.endStep();
  const sums = tf.tidy(() => tf.stack([losses.sum(), correct.sum()]));
  tf.dispose([losses, correct, dLogits]);
  return sums;
}

async function readAndDispose(sums: tf.Tensor): Promise<[number, number]> {
  try {
    const [loss, correct] = await sums.data();
    return [loss, correct];
  } finally {
    sums.dispose();
  }
}

function meansOf({ loss, correct, count }: { loss: number; correct: number; count: number }): EpochMeans {
  return { loss: loss / count, accuracy: correct / count };
}

/** Batches of `size`, the last one short: 339 images make ten of 32 and one of 19. */
export function splitIntoBatches<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
