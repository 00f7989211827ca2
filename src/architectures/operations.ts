/** @file Floating-point operations of a run by arithmetic, as the benchmark counts them: what GFLOP/s are measured with. */

import type { OptimizerSettings } from '../domain/recipe';
import { forwardCost, trainingStepCost } from './cost';
import type { Plan } from './plan';

/** Floating-point operations per image. */
export interface Operations {
  training: number;
  validation: number;
}

/** Operations of a training step and of a validation pass, each per image. */
export function operationsOf(plan: Plan, optimizer: OptimizerSettings): Operations {
  return {
    training: trainingStepCost(plan, 1, optimizer).flops,
    validation: forwardCost(plan.graph, 1).flops,
  };
}

/** Floating-point operations of an epoch with its validation. */
export function epochOperations(
  { training, validation }: Operations,
  counts: { train: number; validation: number },
): number {
  return training * counts.train + validation * counts.validation;
}

/** Billions of operations per second. */
export function gflopsOf(operations: number, timeMs: number): number {
  return operations / (timeMs * 1e6);
}
