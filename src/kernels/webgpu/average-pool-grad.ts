/**
 * @file `AveragePoolGrad`: gradient of average pooling, in one dispatch and without its input: each pixel sums over the windows
 * that cover it, and each window divides by the number of pixels that it really covers.
 *
 * (TensorFlow.js 4.22's `AvgPoolGrad` divides by the full window at the border too: a corner gave 0.444 where finite
 * differences give 0.694.)
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { PoolAttributes } from '../pool-inputs';
import { eachWindow, poolPass } from './pool-geometry';
import { runPass } from './webgpu-pass';

const codeFor = (type: string) =>
  eachWindow(`var sum = ${type}();`, 'sum += dy[window] / f32((bottom - top) * (right - left));', 'dx[i] = sum;');

/** dy [B, H', W', C] to [B, H, W, C]. */
export function averagePoolGrad(
  backend: WebGPUBackend,
  dy: TensorInfo,
  { inputShape, ...attributes }: PoolAttributes & { inputShape: number[] },
): TensorInfo {
  const { width, element, uniforms, workgroups } = poolPass(inputShape, attributes);
  const dx = backend.makeTensorInfo(inputShape, 'float32');
  runPass(backend, {
    key: ['average-pool-grad', width].join(),
    buffers: [
      { name: 'dx', tensor: dx, access: 'read_write', element },
      { name: 'dy', tensor: dy, access: 'read', element },
    ],
    uniforms,
    code: () => codeFor(element),
    workgroups,
  });
  return dx;
}
