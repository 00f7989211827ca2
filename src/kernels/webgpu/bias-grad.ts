/** @file `BiasGrad`: sum of a gradient over everything but its last axis. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks, combineMain } from './column-reduction';
import { runPass } from './webgpu-pass';

const partialCode = (type: string) => `${COLUMN_MAIN}
  var sum = ${type}();
  for (var row = first; row < end; row++) { sum += dy[row * uniforms.stride + column]; }
  result[block * uniforms.columns + column] = sum;
}`;

const combineCode = (type: string, slices: number) =>
  combineMain(slices, {
    type,
    fold: 'sum += partial[part * uniforms.columns + column];',
    merge: 'sum += other;',
    write: 'result[column] = sum;',
  });

/** dy [..., C] to [C]. */
export function biasGrad(backend: WebGPUBackend, dy: TensorInfo): TensorInfo {
  const { channels, blockCount, width, element, uniforms, ...blocks } = columnBlocks(backend, dy, 'few');
  const partial = backend.makeTensorInfo(blockCount === 1 ? [channels] : [blockCount, channels], 'float32');
  runPass(backend, {
    key: ['bias-grad-partial', width].join(),
    buffers: [
      { name: 'result', tensor: partial, access: 'read_write', element },
      { name: 'dy', tensor: dy, access: 'read', element },
    ],
    uniforms,
    code: () => partialCode(element),
    workgroups: blocks.workgroups,
  });
  if (blockCount === 1) return partial;
  const result = backend.makeTensorInfo([channels], 'float32');
  runPass(backend, {
    key: ['bias-grad-combine', width, blocks.slices].join(),
    buffers: [
      { name: 'result', tensor: result, access: 'read_write', element },
      { name: 'partial', tensor: partial, access: 'read', element },
    ],
    uniforms,
    code: () => combineCode(element, blocks.slices),
    workgroups: blocks.combineWorkgroups,
  });
  backend.disposeData(partial.dataId);
  return result;
}
