/** @file `BatchNormApply`: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then ReLU where asked, in one pass. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks } from './column-reduction';
import { type PassBuffer, runPass } from './webgpu-pass';

export interface BatchNormApplyInputs {
  /** [B, H, W, C] */
  x: TensorInfo;
  /** These [C]; without gamma the scale is 1, without beta the offset 0. */
  mean: TensorInfo;
  variance: TensorInfo;
  gamma?: TensorInfo;
  beta?: TensorInfo;
}

/** To [B, H, W, C]. */
export function batchNormApply(
  backend: WebGPUBackend,
  { x, mean, variance, gamma, beta }: BatchNormApplyInputs,
  { epsilon, relu }: { epsilon: number; relu: boolean },
): TensorInfo {
  const { uniforms, workgroups } = columnBlocks(x, 'many');
  const y = backend.makeTensorInfo(x.shape, 'float32');
  const buffers: PassBuffer[] = [
    { name: 'y', tensor: y, access: 'read_write' },
    { name: 'x', tensor: x, access: 'read' },
    { name: 'mean', tensor: mean, access: 'read' },
    { name: 'variance', tensor: variance, access: 'read' },
  ];
  if (gamma) buffers.push({ name: 'gamma', tensor: gamma, access: 'read' });
  if (beta) buffers.push({ name: 'beta', tensor: beta, access: 'read' });
  runPass(backend, {
    key: ['batch-norm-apply', !!gamma, !!beta, relu].join(),
    buffers,
    uniforms: { ...uniforms, epsilon: { type: 'f32', value: epsilon } },
    code: () => `${COLUMN_MAIN}
  let centre = mean[channel];
  let scale = ${gamma ? 'gamma[channel] * ' : ''}inverseSqrt(variance[channel] + uniforms.epsilon);
  let offset = ${beta ? 'beta[channel]' : '0.0'};
  for (var row = first; row < end; row++) {
    let i = row * uniforms.channels + channel;
    let value = (x[i] - centre) * scale + offset;
    y[i] = ${relu ? 'select(value, 0.0, value < 0.0)' : 'value'};
  }
}`,
    workgroups,
  });
  return y;
}
