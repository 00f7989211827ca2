/** @file The callbacks of a run: those of every run, and those that its recipe asks for. */

import { guessLoss, settlingEpochs } from '../collapse';
import type { RunParts } from '../run-parts';
import { bestByTrainingLoss } from './best-by-training-loss';
import type { Callback } from './callback';
import { collapseAlert } from './collapse-alert';
import { earlyStopping } from './early-stopping';
import { notANumberGuard } from './not-a-number-guard';

/** For one run, new or restored. */
export function runCallbacks({ recipe, network, images, classWeights }: RunParts): Callback[] {
  const counts = images.classCounts('train');
  const settling = settlingEpochs(network.graph, Math.ceil(images.of('train').length / recipe.batchSize));
  return [
    bestByTrainingLoss(),
    notANumberGuard(),
    collapseAlert(settling, guessLoss(counts, recipe.sampling, classWeights)),
    ...(recipe.earlyStopping ? [earlyStopping(recipe.earlyStopping.patience)] : []),
  ];
}
