/** @file `BatchNormApply`: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then ReLU where asked, in one pass. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { BatchNormApplyAttributes, BatchNormApplyInputs } from '../batch-norm-inputs';
import { COLUMN_MAIN, columnBlocks } from './column-reduction';
import { type PassBuffer, runPass } from './webgpu-pass';

/** WGSL: a column's constants `inverse` and `scale`. */
export const scaleCode = (gamma: boolean) => `
  let inverse = inverseSqrt(variance[column] + uniforms.epsilon);
  let scale = ${gamma ? 'gamma[column] * inverse' : 'inverse'};`;

/** WGSL: a column's constants `centre` and `offset`. */
export const shiftCode = (beta: boolean, type: string) => `
  let centre = mean[column];
  let offset = ${beta ? 'beta[column]' : `${type}()`};`;

/**
 * WGSL: the normalized value. The gradient uses the same expression to find which values were positive: another one could
 * round a value at zero to the other side.
 */
export const NORMALIZED = '(x[row * uniforms.stride + column] - centre) * scale + offset';

/** To a dense [B, H, W, C]. */
export function batchNormApply(
  backend: WebGPUBackend,
  { x, mean, variance, gamma, beta }: BatchNormApplyInputs,
  { epsilon, relu, channels: wanted }: BatchNormApplyAttributes,
): TensorInfo {
  const { channels, width, element, uniforms, workgroups } = columnBlocks(backend, x, 'many', wanted);
  const y = backend.makeTensorInfo([...x.shape.slice(0, -1), channels], 'float32');
  const buffers: PassBuffer[] = [
    { name: 'y', tensor: y, access: 'read_write', element },
    { name: 'x', tensor: x, access: 'read', element },
    { name: 'mean', tensor: mean, access: 'read', element },
    { name: 'variance', tensor: variance, access: 'read', element },
  ];
  if (gamma) buffers.push({ name: 'gamma', tensor: gamma, access: 'read', element });
  if (beta) buffers.push({ name: 'beta', tensor: beta, access: 'read', element });
  const zero = `${element}()`;
  runPass(backend, {
    key: ['batch-norm-apply', !!gamma, !!beta, relu, width].join(),
    buffers,
    uniforms: { ...uniforms, epsilon: { type: 'f32', value: epsilon } },
    code: () => `${COLUMN_MAIN}
  ${scaleCode(!!gamma)}${shiftCode(!!beta, element)}
  for (var row = first; row < end; row++) {
    let value = ${NORMALIZED};
    y[row * uniforms.columns + column] = ${relu ? `select(value, ${zero}, value < ${zero})` : 'value'};
  }
}`,
    workgroups,
  });
  return y;
}
