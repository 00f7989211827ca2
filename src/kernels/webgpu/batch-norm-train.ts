/**
 * @file `BatchNormTrain`: mean and biased variance of each channel of a batch.
 *
 * A block of rows sums distances from its own first row, which lies among the values, so that no large squares are
 * subtracted and a channel far from zero keeps its variance; blocks are combined by the formula of Chan, Golub and
 * LeVeque (1983), whose shifted sums these are too.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { COLUMN_MAIN, columnBlocks, combineMain } from './column-reduction';
import { runPass } from './webgpu-pass';

const partialCode = (type: string) => `${COLUMN_MAIN}
  let shift = x[first * uniforms.stride + column];
  var sum = ${type}();
  var squares = ${type}();
  for (var row = first; row < end; row++) {
    let distance = x[row * uniforms.stride + column] - shift;
    sum += distance;
    squares += distance * distance;
  }
  let average = sum / f32(end - first);
  let at = block * 2 * uniforms.columns + column;
  partial[at] = shift + average;
  partial[at + uniforms.columns] = squares - sum * average;
}`;

const combineCode = (type: string, slices: number) => `
struct Moments { count: f32, mean: ${type}, squares: ${type} }
fn merged(a: Moments, b: Moments) -> Moments {
  if (b.count == 0.0) { return a; }
  let count = a.count + b.count;
  let step = b.mean - a.mean;
  return Moments(count, a.mean + step * (b.count / count), a.squares + b.squares + step * step * (a.count * b.count / count));
}
fn momentsOf(part: u32, column: u32) -> Moments {
  let at = part * 2 * uniforms.columns + column;
  let count = min(uniforms.blockRows, uniforms.rows - part * uniforms.blockRows);
  return Moments(f32(count), partial[at], partial[at + uniforms.columns]);
}
${combineMain(slices, {
  type: 'Moments',
  fold: 'sum = merged(sum, momentsOf(part, column));',
  merge: 'sum = merged(sum, other);',
  write: `mean[column] = sum.mean;
  variance[column] = max(sum.squares / sum.count, ${type}());`,
})}`;

/**
 * x [B, H, W, C'] to mean [C] and biased variance [C].
 * @param channels C: the first channels of x are the input; by default all.
 */
export function batchNormTrain(
  backend: WebGPUBackend,
  x: TensorInfo,
  { channels }: { channels?: number } = {},
): [mean: TensorInfo, variance: TensorInfo] {
  const blocks = columnBlocks(backend, x, 'few', channels);
  const { width, element, uniforms } = blocks;
  const partial = backend.makeTensorInfo([blocks.blockCount, 2, blocks.channels], 'float32');
  runPass(backend, {
    key: ['batch-norm-train-partial', width].join(),
    buffers: [
      { name: 'x', tensor: x, access: 'read', element },
      { name: 'partial', tensor: partial, access: 'read_write', element },
    ],
    uniforms,
    code: () => partialCode(element),
    workgroups: blocks.workgroups,
  });
  const mean = backend.makeTensorInfo([blocks.channels], 'float32');
  const variance = backend.makeTensorInfo([blocks.channels], 'float32');
  runPass(backend, {
    key: ['batch-norm-train-combine', width, blocks.slices].join(),
    buffers: [
      { name: 'partial', tensor: partial, access: 'read', element },
      { name: 'mean', tensor: mean, access: 'read_write', element },
      { name: 'variance', tensor: variance, access: 'read_write', element },
    ],
    uniforms,
    code: () => combineCode(element, blocks.slices),
    workgroups: blocks.combineWorkgroups,
  });
  backend.disposeData(partial.dataId);
  return [mean, variance];
}
