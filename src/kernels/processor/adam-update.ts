/** @file `AdamUpdate` and `AdamUpdateMany`: one step of Adam, in place, in one pass over the memory. */

import { util } from '@tensorflow/tfjs';
import { type AdamAttributes, type AdamInputs, adamNumbers, type ManyInputs, numbered } from '../update-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';
import type { KernelArgument } from './processor-device';

/** keras/src/optimizers/adam.py: epsilon is added outside the bias-corrected root. */
export function adamUpdate(
  backend: ProcessorBackend,
  { value, gradient, m, v }: AdamInputs,
  attributes: AdamAttributes,
) {
  const size = util.sizeFromShape(value.shape);
  backend.run('adamUpdate', elementParts(size), [value, gradient, m, v, size, ...adamArguments(attributes)]);
}

/** Updates every weight in `inputs`. */
export function adamUpdateMany(backend: ProcessorBackend, inputs: ManyInputs, attributes: AdamAttributes): void {
  for (const weight of numbered(inputs, ['value', 'gradient', 'm', 'v'])) adamUpdate(backend, weight, attributes);
}

/** Rate, 1 - beta1, 1 - beta2, epsilon: the last slots of Adam's kernels. */
export function adamArguments(attributes: AdamAttributes): KernelArgument[] {
  const { rate, share1, share2, epsilon } = adamNumbers(attributes);
  return [rate, share1, share2, epsilon].map((float) => ({ float }));
}
