/** @file `MoveStatistics`: BatchNorm's moving mean and variance, a step towards the batch's, in place. */

import { util } from '@tensorflow/tfjs';
import type { MoveStatisticsInputs } from '../update-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** keras/src/layers/normalization/batch_normalization.py: moving = moving * momentum + batch * (1 - momentum). */
export function moveStatistics(
  backend: ProcessorBackend,
  { movingMean, movingVariance, mean, variance }: MoveStatisticsInputs,
  { momentum }: { momentum: number },
): void {
  const size = util.sizeFromShape(movingMean.shape);
  const numbers = [{ float: momentum }, { float: 1 - momentum }];
  backend.run('moveStatistics', elementParts(size), [movingMean, mean, movingVariance, variance, size, ...numbers]);
}
