/** @file `MoveStatistics`: BatchNorm's moving mean and variance, a step towards the batch's, in place, in one dispatch. */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { MoveStatisticsInputs } from '../update-inputs';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import { prepareInPlace, runPass } from './webgpu-pass';

const CODE = `${ELEMENT_MAIN}
  movingMean[i] = movingMean[i] * uniforms.momentum + mean[i] * uniforms.share;
  movingVariance[i] = movingVariance[i] * uniforms.momentum + variance[i] * uniforms.share;
}`;

/** keras/src/layers/normalization/batch_normalization.py: moving = moving * momentum + batch * (1 - momentum). */
export function moveStatistics(
  backend: WebGPUBackend,
  { movingMean, movingVariance, mean, variance }: MoveStatisticsInputs,
  { momentum }: { momentum: number },
): void {
  for (const tensor of [movingMean, movingVariance]) prepareInPlace(backend, tensor);
  const { width, element, size, workgroups } = elementPass(movingMean);
  runPass(backend, {
    key: ['move-statistics', width].join(),
    buffers: [
      { name: 'movingMean', tensor: movingMean, access: 'read_write', element },
      { name: 'movingVariance', tensor: movingVariance, access: 'read_write', element },
      { name: 'mean', tensor: mean, access: 'read', element },
      { name: 'variance', tensor: variance, access: 'read', element },
    ],
    uniforms: {
      size,
      momentum: { type: 'f32', value: momentum },
      share: { type: 'f32', value: 1 - momentum },
    },
    code: () => CODE,
    workgroups,
  });
}
