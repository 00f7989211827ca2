/** @file `ReluGrad`: the gradient behind a ReLU, dy where its output y is positive and 0 elsewhere, in one dispatch. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import { runPass } from './webgpu-pass';

/** y and dy of one shape, to that shape. */
export function reluGrad(backend: WebGPUBackend, { y, dy }: { y: TensorInfo; dy: TensorInfo }): TensorInfo {
  const dx = backend.makeTensorInfo(dy.shape, 'float32');
  const { width, element, size, workgroups } = elementPass(dx);
  runPass(backend, {
    key: ['relu-grad', width].join(),
    buffers: [
      { name: 'dx', tensor: dx, access: 'read_write', element },
      { name: 'y', tensor: y, access: 'read', element },
      { name: 'dy', tensor: dy, access: 'read', element },
    ],
    uniforms: { size },
    code: () => `${ELEMENT_MAIN}
  dx[i] = select(${element}(), dy[i], y[i] > ${element}());
}`,
    workgroups,
  });
  return dx;
}
