/** @file `CopyChannels`: writes a tensor into some channels of a wider one, in place: DenseNet's concatenation, a part at a time. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import type { PassUniform } from './uniform-cache';
import { prepareInPlace, runPass, spreadWorkgroups } from './webgpu-pass';

export interface CopyChannelsInputs {
  /** [B, H, W, C] */
  from: TensorInfo;
  /** [B, H, W, C']: its channels first to first + C are overwritten, and so is every tensor that shares its buffer. */
  into: TensorInfo;
}

/** @param first the first channel of `into` that is overwritten. */
export function copyChannels(
  backend: WebGPUBackend,
  { from, into }: CopyChannelsInputs,
  { first }: { first: number },
): void {
  prepareInPlace(backend, into);
  const channels = from.shape[from.shape.length - 1];
  const wide = into.shape[into.shape.length - 1];
  const width = [channels, wide, first].every((count) => count % 4 === 0) ? 4 : 1;
  const element = width === 4 ? 'vec4<f32>' : 'f32';
  const size = util.sizeFromShape(from.shape) / width;
  const columns = (count: number): PassUniform => ({ type: 'u32', value: count / width });
  runPass(backend, {
    key: ['copy-channels', width].join(),
    buffers: [
      { name: 'target_', tensor: into, access: 'read_write', element },
      { name: 'source', tensor: from, access: 'read', element },
    ],
    uniforms: {
      size: { type: 'u32', value: size },
      columns: columns(channels),
      stride: columns(wide),
      first: columns(first),
    },
    code: () => `${ELEMENT_MAIN}
  target_[i / uniforms.columns * uniforms.stride + uniforms.first + i % uniforms.columns] = source[i];
}`,
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  });
}
