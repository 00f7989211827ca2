/**
 * @file Gradient of maximum pooling, over `MaxPoolGrad`, in one dispatch: each pixel sums over the windows that cover it.
 *
 * Of equal maxima only the first in a window's row-major order gets its gradient, as in TensorFlow (2.21 on a processor,
 * tried on constant images); TensorFlow.js 4.22's own WebGPU kernel gives it to the last (`value >= currMaxValue` in
 * pool_webgpu.ts), and writes out all positions first.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { MaxPoolGradInputs, PoolAttributes } from '../pool-inputs';
import { eachWindow, poolPass } from './pool-geometry';
import { runPass } from './webgpu-pass';

const codeFor = (type: string) =>
  eachWindow(
    `let value = x[i];
  var sum = ${type}();`,
    `let largest = y[window];
      var chosen = value == largest;
      if (any(chosen)) {
        for (var r = top; r <= row; r++) {
          let line = (batch * uniforms.inHeight + r) * uniforms.inWidth;
          for (var c = left; c < select(right, across, r == row); c++) {
            chosen = chosen & (x[(line + c) * uniforms.columns + channel] != largest);
          }
        }
        sum += select(${type}(), dy[window], chosen);
      }`,
    'dx[i] = sum;',
  );

/** To [B, H, W, C]. */
export function maxPoolGrad(
  backend: WebGPUBackend,
  { dy, input, output }: MaxPoolGradInputs,
  attributes: PoolAttributes,
): TensorInfo {
  const { width, element, uniforms, workgroups } = poolPass(input.shape, attributes);
  const dx = backend.makeTensorInfo(input.shape, 'float32');
  runPass(backend, {
    key: ['max-pool-grad', width].join(),
    buffers: [
      { name: 'dx', tensor: dx, access: 'read_write', element },
      { name: 'dy', tensor: dy, access: 'read', element },
      { name: 'x', tensor: input, access: 'read', element },
      { name: 'y', tensor: output, access: 'read', element },
    ],
    uniforms,
    code: () => codeFor(element),
    workgroups,
  });
  return dx;
}
