/** @file Describes a run whose numbers stopped being finite: what happened, in which epoch, and what to change. */

import type { Graph } from '../architectures/graph';
import type { Recipe } from '../domain/recipe';
import type { WeightsKind } from '../domain/run';

/** Where the first value that is not finite was found. */
export type Divergence =
  | { where: 'training'; epoch: number; batch: number; loss: number }
  /** `path` names the first image without a numeric prediction. */
  | { where: 'validation'; epoch: number; trainingLoss: number; path: string }
  | { where: 'weights'; epoch: number; weight: string }
  | { where: 'test'; epoch: number; kind: WeightsKind; path: string };

/** The statistics of a batch of at most this many images are unreliable: Keras diverges on such a last batch too. */
const FEW_IMAGES = 4;

/**
 * @param trainingCount images of the training split.
 * @returns sentences: what happened first, then what to change.
 */
export function divergenceSentence(
  divergence: Divergence,
  graph: Graph,
  recipe: Recipe,
  trainingCount: number,
): string {
  const { learningRate } = recipe.optimizer;
  const lower = Number((learningRate / 10).toPrecision(3));
  const sentences = [
    whatHappened(divergence),
    `Choose a learning rate lower than ${learningRate}, for example ${lower}.`,
  ];
  const remainder = trainingCount % recipe.batchSize || recipe.batchSize;
  if (remainder <= FEW_IMAGES && usesBatchStatistics(graph, recipe)) {
    const images = remainder === 1 ? '1 image' : `${remainder} images`;
    sentences.push(
      `The last batch of an epoch has only ${images}, too few for the statistics of BatchNorm: choose a batch size that leaves a larger one.`,
    );
  }
  return sentences.join(' ');
}

function whatHappened(divergence: Divergence): string {
  switch (divergence.where) {
    case 'training':
      return `The training diverged in epoch ${divergence.epoch}: the loss of batch ${divergence.batch} is ${divergence.loss}.`;
    case 'validation':
      return `The training diverged in epoch ${divergence.epoch}: its training loss is ${divergence.trainingLoss.toPrecision(4)}, but the predictions on the validation images are not finite numbers, first for ${divergence.path}.`;
    case 'weights':
      return `The training diverged in epoch ${divergence.epoch}: values of the weight ${divergence.weight} are not finite numbers.`;
    case 'test':
      return `The training diverged: the ${divergence.kind} weights, of epoch ${divergence.epoch}, give no finite predictions on the test images, first for ${divergence.path}.`;
    default:
      return divergence satisfies never;
  }
}

function usesBatchStatistics(graph: Graph, { frozenBatchNorm }: Recipe): boolean {
  return graph.layers.some(
    ({ config, trainable }) => config.kind === 'batchNorm' && (trainable || frozenBatchNorm === 'batch'),
  );
}
