/** @file A run that seems to learn nothing any more: what was seen, over how many epochs, and what to change. */

import type { Graph } from '../architectures/graph';
import type { Recipe } from '../domain/recipe';

/** What was seen in each of the last `epochs` epochs. */
export type Collapse =
  /** Every validation image was predicted as one class; in the last epoch as this one. */
  | { sign: 'oneClass'; epochs: number; classIndex: number }
  /** The training loss was no better than `guessLoss` and did not fall; `firstLoss` is that of the first epoch. */
  | { sign: 'flatLoss'; epochs: number; loss: number; firstLoss: number; guessLoss: number };

/** After so many steps 5 % of BatchNorm's initial moving statistics are left: 0.99 to the power of 300. */
const SETTLING_STEPS = 300;

/** Epochs until the moving statistics of BatchNorm stand for the images; 0 for a network that learns none. */
export function settlingEpochs({ layers }: Graph, stepsPerEpoch: number): number {
  const learnsStatistics = layers.some(({ config, trainable }) => config.kind === 'batchNorm' && trainable);
  return learnsStatistics ? Math.ceil(SETTLING_STEPS / stepsPerEpoch) : 0;
}

/**
 * Training loss of the best network that does not look at its images: it predicts the shares of the classes.
 * @param counts training images of each class
 * @returns in nats, weighted as the training loss is.
 */
export function guessLoss(
  counts: readonly number[],
  sampling: Recipe['sampling'],
  classWeights: readonly number[] | null,
): number {
  const drawn = counts.map((count) => (sampling === 'balanced' ? Math.min(count, 1) : count));
  const total = drawn.reduce((sum, count) => sum + count, 0);
  const masses = drawn.map((count, index) => (count / total) * (classWeights?.[index] ?? 1));
  const whole = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.reduce((sum, mass) => (mass > 0 ? sum - mass * Math.log(mass / whole) : sum), 0);
}

/** A class with so many times the images of another draws the predictions to itself. */
const UNEVEN = 1.5;

/** A loss this near that of the first epoch hardly moved. */
const UNMOVED_SHARE = 0.05;

/**
 * @param classNames by class index
 * @param trainCounts training images of each class
 * @returns sentences: what was seen first, then what to change.
 */
export function collapseSentence(
  collapse: Collapse,
  recipe: Recipe,
  classNames: readonly string[],
  trainCounts: readonly number[],
): string {
  const sentences = [whatWasSeen(collapse, classNames), rateAdvice(collapse, recipe)];
  // What has no training image is not balanced either.
  const counts = trainCounts.filter((count) => count > 0);
  const isEven = Math.max(...counts) < UNEVEN * Math.min(...counts);
  if (!isEven && !recipe.classWeights && !recipe.sampling) {
    sentences.push('The classes differ in size: balanced sampling or class weights let the small ones count.');
  }
  return sentences.join(' ');
}

function whatWasSeen(collapse: Collapse, classNames: readonly string[]): string {
  const { epochs } = collapse;
  switch (collapse.sign) {
    case 'oneClass':
      return `For ${epochs} epochs all validation images have been predicted as one class, now ${classNames[collapse.classIndex]}.`;
    case 'flatLoss': {
      const [loss, guess] = [collapse.loss, collapse.guessLoss].map((value) => value.toPrecision(4));
      return `For ${epochs} epochs the training loss has been no better than guessing: it is ${loss}, and guessing by the shares of the classes gives ${guess}.`;
    }
    default:
      return collapse satisfies never;
  }
}

function rateAdvice(collapse: Collapse, { optimizer: { learningRate } }: Recipe): string {
  const times = (factor: number) => Number((learningRate * factor).toPrecision(3));
  const lower = `Choose a learning rate lower than ${learningRate}, for example ${times(0.1)}`;
  switch (collapse.sign) {
    case 'oneClass':
      return `${lower}; where the training loss has hardly fallen, a higher one.`;
    case 'flatLoss': {
      const hasMoved = Math.abs(collapse.loss / collapse.firstLoss - 1) > UNMOVED_SHARE;
      if (hasMoved) return `${lower}.`;
      return `It has hardly moved: choose a learning rate higher than ${learningRate}, for example ${times(10)}; if that does not help, a lower one.`;
    }
    default:
      return collapse satisfies never;
  }
}
