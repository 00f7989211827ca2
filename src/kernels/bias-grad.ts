/** @file `BiasGrad`: sum of a gradient over everything but its last axis. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks } from './column-reduction';
import { runPass } from './webgpu-pass';

const PARTIAL_CODE = `${COLUMN_MAIN}
  var sum = 0.0;
  for (var row = first; row < end; row++) { sum += dy[row * uniforms.channels + channel]; }
  result[block * uniforms.channels + channel] = sum;
}`;

const COMBINE_CODE = `${COLUMN_MAIN}
  var sum = 0.0;
  for (var part = 0u; part < uniforms.blockCount; part++) { sum += partial[part * uniforms.channels + channel]; }
  result[channel] = sum;
}`;

/** dy [..., C] to [C]. */
export function biasGrad(backend: WebGPUBackend, dy: TensorInfo): TensorInfo {
  const { channels, blockCount, uniforms, workgroups, channelWorkgroups } = columnBlocks(dy, 'few');
  const partial = backend.makeTensorInfo(blockCount === 1 ? [channels] : [blockCount, channels], 'float32');
  runPass(backend, {
    key: 'bias-grad-partial',
    buffers: [
      { name: 'result', tensor: partial, access: 'read_write' },
      { name: 'dy', tensor: dy, access: 'read' },
    ],
    uniforms,
    code: () => PARTIAL_CODE,
    workgroups,
  });
  if (blockCount === 1) return partial;
  const result = backend.makeTensorInfo([channels], 'float32');
  runPass(backend, {
    key: 'bias-grad-combine',
    buffers: [
      { name: 'result', tensor: result, access: 'read_write' },
      { name: 'partial', tensor: partial, access: 'read' },
    ],
    uniforms,
    code: () => COMBINE_CODE,
    workgroups: channelWorkgroups,
  });
  backend.disposeData(partial.dataId);
  return result;
}
