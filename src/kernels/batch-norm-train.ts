/**
 * @file `BatchNormTrain`: mean and biased variance of each channel of a batch.
 *
 * Blocks of rows by Welford's recurrence, combined by Chan, Golub and LeVeque's formula (1983): no difference of large
 * squares, so a channel far from zero keeps its variance.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks } from './column-reduction';
import { runPass } from './webgpu-pass';

const PARTIAL_CODE = `${COLUMN_MAIN}
  var mean = 0.0;
  var squares = 0.0;
  var count = 0.0;
  for (var row = first; row < end; row++) {
    let value = x[row * uniforms.channels + channel];
    count += 1.0;
    let step = value - mean;
    mean += step / count;
    squares += step * (value - mean);
  }
  let at = block * 2 * uniforms.channels + channel;
  partial[at] = mean;
  partial[at + uniforms.channels] = squares;
}`;

const COMBINE_CODE = `${COLUMN_MAIN}
  var total = 0.0;
  var sumMean = 0.0;
  var sumSquares = 0.0;
  for (var part = 0u; part < uniforms.blockCount; part++) {
    let at = part * 2 * uniforms.channels + channel;
    let count = f32(min(uniforms.blockRows, uniforms.rows - part * uniforms.blockRows));
    let step = partial[at] - sumMean;
    let sum = total + count;
    sumMean += step * count / sum;
    sumSquares += partial[at + uniforms.channels] + step * step * total * count / sum;
    total = sum;
  }
  mean[channel] = sumMean;
  variance[channel] = sumSquares / total;
}`;

/** x [B, H, W, C] to mean [C] and biased variance [C]. */
export function batchNormTrain(backend: WebGPUBackend, x: TensorInfo): [mean: TensorInfo, variance: TensorInfo] {
  const { channels, blockCount, uniforms, workgroups, channelWorkgroups } = columnBlocks(x, 'few');
  const partial = backend.makeTensorInfo([blockCount, 2, channels], 'float32');
  runPass(backend, {
    key: 'batch-norm-train-partial',
    buffers: [
      { name: 'x', tensor: x, access: 'read' },
      { name: 'partial', tensor: partial, access: 'read_write' },
    ],
    uniforms,
    code: () => PARTIAL_CODE,
    workgroups,
  });
  const mean = backend.makeTensorInfo([channels], 'float32');
  const variance = backend.makeTensorInfo([channels], 'float32');
  runPass(backend, {
    key: 'batch-norm-train-combine',
    buffers: [
      { name: 'partial', tensor: partial, access: 'read' },
      { name: 'mean', tensor: mean, access: 'read_write' },
      { name: 'variance', tensor: variance, access: 'read_write' },
    ],
    uniforms,
    code: () => COMBINE_CODE,
    workgroups: channelWorkgroups,
  });
  backend.disposeData(partial.dataId);
  return [mean, variance];
}
