/** @file `GlobalAveragePool`: mean of each channel per image, in one dispatch. A last feature map is small: 7x7 at 224. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import { runPass, spreadWorkgroups } from './webgpu-pass';

/** x [B, H, W, C] to [B, C]. */
export function globalAveragePool(backend: WebGPUBackend, x: TensorInfo): TensorInfo {
  const [batch, height, across, channels] = x.shape;
  const width = channels % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4<f32>' : 'f32';
  const size = (batch * channels) / width;
  const mean = backend.makeTensorInfo([batch, channels], 'float32');
  runPass(backend, {
    key: ['global-average-pool', width].join(),
    buffers: [
      { name: 'mean', tensor: mean, access: 'read_write', element },
      { name: 'x', tensor: x, access: 'read', element },
    ],
    uniforms: {
      size: { type: 'u32', value: size },
      columns: { type: 'u32', value: channels / width },
      pixels: { type: 'u32', value: height * across },
    },
    code: () => `${ELEMENT_MAIN}
  let first = i / uniforms.columns * uniforms.pixels * uniforms.columns + i % uniforms.columns;
  var sum = ${element}();
  for (var pixel = 0u; pixel < uniforms.pixels; pixel++) { sum += x[first + pixel * uniforms.columns]; }
  mean[i] = sum / f32(uniforms.pixels);
}`,
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  });
  return mean;
}
