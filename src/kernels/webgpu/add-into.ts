/** @file `AddInto`: into += from, in place, in one dispatch: gradients that meet at a branch. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import { prepareInPlace, runPass } from './webgpu-pass';

/** Both of one size; `into` is overwritten, and so is every tensor that shares its buffer. */
export function addInto(backend: WebGPUBackend, { from, into }: { from: TensorInfo; into: TensorInfo }): void {
  prepareInPlace(backend, into);
  const { width, element, size, workgroups } = elementPass(into);
  runPass(backend, {
    key: ['add-into', width].join(),
    buffers: [
      { name: 'sum', tensor: into, access: 'read_write', element },
      { name: 'addend', tensor: from, access: 'read', element },
    ],
    uniforms: { size },
    code: () => `${ELEMENT_MAIN}
  sum[i] += addend[i];
}`,
    workgroups,
  });
}
