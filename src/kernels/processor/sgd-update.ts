/** @file `SgdUpdate` and `SgdUpdateMany`: one step of gradient descent, with momentum where there is a velocity, in place. */

import { util } from '@tensorflow/tfjs';
import { type ManyInputs, numbered, type SgdAttributes, type SgdInputs } from '../update-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** keras/src/optimizers/sgd.py: velocity = momentum * velocity - rate * gradient; value += velocity. */
export function sgdUpdate(
  backend: ProcessorBackend,
  { value, gradient, velocity }: SgdInputs,
  { learningRate, momentum }: SgdAttributes,
): void {
  const size = util.sizeFromShape(value.shape);
  const numbers = [{ float: learningRate }, { float: momentum }];
  backend.run('sgdUpdate', elementParts(size), [value, gradient, velocity ?? 0, size, ...numbers]);
}

/** Updates every weight in `inputs`. */
export function sgdUpdateMany(backend: ProcessorBackend, inputs: ManyInputs, attributes: SgdAttributes): void {
  const slots = inputs.velocity0 === undefined ? [] : (['velocity'] as const);
  for (const weight of numbered(inputs, ['value', 'gradient', ...slots])) sgdUpdate(backend, weight, attributes);
}
