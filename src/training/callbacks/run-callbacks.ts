/** @file The callbacks of a run: those of every run, and those that its recipe asks for. */

import type { RunRecord } from '../../domain/run';
import { guessLoss, settlingEpochs } from '../collapse';
import type { RunParts } from '../run-parts';
import { bestByTrainingLoss } from './best-by-training-loss';
import type { Callback } from './callback';
import { collapseAlert } from './collapse-alert';
import { earlyStopping } from './early-stopping';
import { notANumberGuard } from './not-a-number-guard';

/** For one run, new or restored. @param record of the run, as it goes. */
export function runCallbacks(
  { recipe, network, images, trainCounts, classWeights }: RunParts,
  record: RunRecord,
): Callback[] {
  const settling = settlingEpochs(network.graph, Math.ceil(images.of('train').length / recipe.batchSize));
  return [
    bestByTrainingLoss(record),
    notANumberGuard(),
    collapseAlert(settling, guessLoss(trainCounts, recipe.sampling, classWeights)),
    ...(recipe.earlyStopping ? [earlyStopping(recipe.earlyStopping.patience)] : []),
  ];
}
