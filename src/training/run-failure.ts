/** @file Why a run failed, from what was thrown and what the device knows. */

import { refusedStep } from '../architectures/memory-fit';
import type { Plan } from '../architectures/plan';
import { type Failure, StudioError, toFailure } from '../domain/failure';
import type { Recipe } from '../domain/recipe';
import type { RunDevice } from './run-device';

/** An error of the device comes before the errors that follow from it; out of memory is reported with what would fit. */
export async function explainFailure(error: unknown, device: RunDevice, recipe: Recipe, plan: Plan): Promise<Failure> {
  await device.settle(error);
  const refusal = device.refusal();
  if (refusal) {
    const sentence = refusedStep(recipe, plan, device.capacity(), refusal);
    return toFailure(new StudioError('out-of-memory', sentence, { cause: error }));
  }
  try {
    device.check();
    return toFailure(error);
  } catch (failure) {
    return toFailure(failure);
  }
}
