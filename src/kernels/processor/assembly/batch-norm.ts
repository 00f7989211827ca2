/**
 * @file Batch normalization and its gradient, with the ReLU that follows.
 *
 * What a channel needs stands in a thread's working memory as records for four channels each, so that a row's registers are
 * each read, computed and written once. The gradient computes what the output was by the same operations in the same
 * order: others could round a value at zero to the other side.
 */

import { paddedColumns, vectorBytes } from './columns';
import { firstOf, floatAt, intAt, pointerAt } from './tasks';

/** A record: centre, scale, offset; for the gradient also what is subtracted from each dy, and per distance from the centre. */
const RECORD: usize = 80;
const SCALE: usize = 16;
const OFFSET: usize = 32;

/** Writes centre, scale and offset of each channel. gamma and beta may be 0. */
function writeRecords(out: usize, columns: i32, mean: usize, variance: usize, gamma: usize, beta: usize, epsilon: f32): void {
  for (let at: usize = 0, end = (<usize>paddedColumns(columns)) << 2; at < end; at += 16) {
    const spread = f32x4.sqrt(f32x4.add(v128.load(variance + at), f32x4.splat(epsilon)));
    const gain = gamma ? v128.load(gamma + at) : f32x4.splat(1);
    v128.store(out, v128.load(mean + at));
    v128.store(out, f32x4.div(gain, spread), SCALE);
    v128.store(out, beta ? v128.load(beta + at) : f32x4.splat(0), OFFSET);
    out += RECORD;
  }
}

// @ts-ignore: decorator
@inline function normalized(x: v128, record: usize): v128 {
  const distance = f32x4.sub(x, v128.load(record));
  return f32x4.add(f32x4.mul(distance, v128.load(record, SCALE)), v128.load(record, OFFSET));
}

/** The same for one channel, whose place in the record is `record`. */
// @ts-ignore: decorator
@inline function normalizedOne(x: f32, record: usize): f32 {
  return (x - load<f32>(record)) * load<f32>(record, SCALE) + load<f32>(record, OFFSET);
}

/** y = normalized x, or `least` where that is larger. Slots: x, y, mean, variance, gamma, beta, rows, columns, bytes from row to row of x, epsilon, relu. */
export function batchNormApply(task: i32, count: i32, args: usize, scratch: usize): void {
  const rows = intAt(args, 6);
  const columns = intAt(args, 7);
  const rowBytes = pointerAt(args, 8);
  const denseBytes = (<usize>columns) << 2;
  const least: f32 = intAt(args, 10) ? 0 : -Infinity;
  const leastVector = f32x4.splat(least);
  writeRecords(scratch, columns, pointerAt(args, 2), pointerAt(args, 3), pointerAt(args, 4), pointerAt(args, 5), floatAt(args, 9));
  const first = firstOf(task, count, rows);
  const wholeBytes = vectorBytes(columns);
  let x = pointerAt(args, 0) + <usize>first * rowBytes;
  let y = pointerAt(args, 1) + <usize>first * denseBytes;
  for (let left = firstOf(task + 1, count, rows) - first; left > 0; left -= 1) {
    let record = scratch;
    let at: usize = 0;
    for (; at < wholeBytes; at += 16) {
      // pmax keeps NaN.
      v128.store(y + at, f32x4.pmax(normalized(v128.load(x + at), record), leastVector));
      record += RECORD;
    }
    for (; at < denseBytes; at += 4) {
      const value = normalizedOne(load<f32>(x + at), record);
      store<f32>(y + at, value < least ? least : value);
      record += 4;
    }
    x += rowBytes;
    y += denseBytes;
  }
}
