/**
 * @file What a weight is, read from the names that the versions of Keras gave it.
 *
 * `block1_conv1/kernel:0`, `block1_conv1_1/kernel:0`, `kernel`, `block1_conv1_W_1:0`, `bn_running_mean`: the last part
 * of the path counts, without `:0` and without a number at its end. Keras 1 called the moving variance `running_std`;
 * it held the variance all the same.
 */

import type { WeightName } from '../domain/architecture';

const MEANINGS: Record<string, WeightName> = {
  kernel: 'kernel',
  W: 'kernel',
  bias: 'bias',
  b: 'bias',
  gamma: 'gamma',
  beta: 'beta',
  moving_mean: 'moving_mean',
  running_mean: 'moving_mean',
  moving_variance: 'moving_variance',
  running_std: 'moving_variance',
};

/** Kernels of separable and recurrent layers end like a convolution's and are none. */
const OTHER_KERNEL = /(depthwise|pointwise|recurrent)_kernel$/;

/** The meaning of a weight's name in a file, or null when it is none that Thorax' networks have. */
export function parseWeightName(name: string): WeightName | null {
  const stem = (name.split('/').at(-1) ?? '').replace(/:\d+$/, '').replace(/_\d+$/, '');
  if (OTHER_KERNEL.test(stem)) return null;
  const ending = Object.keys(MEANINGS).find((word) => stem === word || stem.endsWith(`_${word}`));
  return ending === undefined ? null : MEANINGS[ending];
}

/** Which number of a `Normalization` layer a weight is, or null when it is none. */
export function parseStatisticName(name: string): 'mean' | 'variance' | null {
  const stem = (name.split('/').at(-1) ?? '').replace(/:\d+$/, '').replace(/_\d+$/, '');
  return stem === 'mean' || stem === 'variance' ? stem : null;
}
