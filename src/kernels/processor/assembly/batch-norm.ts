/**
 * @file Batch normalization and its gradient, with the ReLU that follows.
 *
 * What a channel needs stands in a thread's working memory as records for four channels each, so that a row's registers are
 * each read, computed and written once. The gradient computes what the output was by the same operations in the same
 * order: others could round a value at zero to the other side.
 */

import { paddedColumns, vectorBytes } from './columns';
import { madd } from './simd';
import { firstOf, floatAt, intAt, pointerAt } from './tasks';

/**
 * A record: centre, scale, offset; then for the gradient of the input what is subtracted from each dy, and per distance from the centre;
 * for the other two gradients the sums of a block instead.
 */
const RECORD: usize = 80;
const SCALE: usize = 16;
const OFFSET: usize = 32;
const SHIFT: usize = 48;
const SLOPE: usize = 64;
const GAMMA_SUM: usize = 48;
const BETA_SUM: usize = 64;

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

/**
 * y = normalized x, or 0 where that is larger and a ReLU follows.
 * Slots: x, y, mean, variance, gamma, beta, rows, columns, bytes from row to row of x, epsilon, relu.
 */
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

/** dy where the normalized x is positive, or wherever `every` has its bits. */
// @ts-ignore: decorator
@inline function masked(dy: v128, x: v128, record: usize, every: v128): v128 {
  return v128.and(dy, v128.or(every, f32x4.gt(normalized(x, record), f32x4.splat(0))));
}

// @ts-ignore: decorator
@inline function maskedOne(dy: f32, x: f32, record: usize, relu: i32): f32 {
  return relu && !(normalizedOne(x, record) > 0) ? 0 : dy;
}

/** Adds dy times the distance from the centre, and dy itself, to the records. A row at a time: memory is read in order. */
function addRow(x: usize, dy: usize, columns: i32, record: usize, relu: i32): void {
  const every = i32x4.splat(relu ? 0 : -1);
  const end = vectorBytes(columns);
  let at: usize = 0;
  for (; at < end; at += 16) {
    const value = v128.load(x + at);
    const d = masked(v128.load(dy + at), value, record, every);
    const distance = f32x4.sub(value, v128.load(record));
    v128.store(record, madd(d, distance, v128.load(record, GAMMA_SUM)), GAMMA_SUM);
    v128.store(record, f32x4.add(v128.load(record, BETA_SUM), d), BETA_SUM);
    record += RECORD;
  }
  for (let left = columns & 3; left > 0; left -= 1) {
    addOne(x + at, dy + at, record, relu);
    at += 4;
    record += 4;
  }
}

// @ts-ignore: decorator
@inline function addOne(x: usize, dy: usize, record: usize, relu: i32): void {
  const value = load<f32>(x);
  const incoming = maskedOne(load<f32>(dy), value, record, relu);
  store<f32>(record, load<f32>(record, GAMMA_SUM) + incoming * (value - load<f32>(record)), GAMMA_SUM);
  store<f32>(record, load<f32>(record, BETA_SUM) + incoming, BETA_SUM);
}

function clearSums(records: usize, columns: i32): void {
  for (let left = paddedColumns(columns) >> 2; left > 0; left -= 1) {
    v128.store(records, f32x4.splat(0), GAMMA_SUM);
    v128.store(records, f32x4.splat(0), BETA_SUM);
    records += RECORD;
  }
}

/** The sums of a block, those for dgamma by the deviation. */
function writeSums(records: usize, columns: i32, variance: usize, epsilon: f32, gammaSums: usize, betaSums: usize): void {
  for (let at: usize = 0, end = (<usize>paddedColumns(columns)) << 2; at < end; at += 16) {
    const spread = f32x4.sqrt(f32x4.add(v128.load(variance + at), f32x4.splat(epsilon)));
    v128.store(gammaSums + at, f32x4.div(v128.load(records, GAMMA_SUM), spread));
    v128.store(betaSums + at, v128.load(records, BETA_SUM));
    records += RECORD;
  }
}

/**
 * The sums of each block for dgamma and dbeta, which sumRows adds up.
 * Slots: x, dy, partial [blocks, 2, padded columns], mean, variance, gamma, beta, rows, columns, bytes from row to row of x,
 * epsilon, relu, rows of a block, blocks.
 */
export function batchNormGradBlocks(task: i32, count: i32, args: usize, scratch: usize): void {
  const variance = pointerAt(args, 4);
  const rows = intAt(args, 7);
  const columns = intAt(args, 8);
  const rowBytes = pointerAt(args, 9);
  const denseBytes = (<usize>columns) << 2;
  const epsilon = floatAt(args, 10);
  const relu = intAt(args, 11);
  const blockRows = intAt(args, 12);
  const blocks = intAt(args, 13);
  const sumBytes = (<usize>paddedColumns(columns)) << 2;
  writeRecords(scratch, columns, pointerAt(args, 3), variance, pointerAt(args, 5), pointerAt(args, 6), epsilon);
  for (let block = firstOf(task, count, blocks), end = firstOf(task + 1, count, blocks); block < end; block += 1) {
    const first = block * blockRows;
    let x = pointerAt(args, 0) + <usize>first * rowBytes;
    let dy = pointerAt(args, 1) + <usize>first * denseBytes;
    clearSums(scratch, columns);
    for (let left = min(blockRows, rows - first); left > 0; left -= 1) {
      addRow(x, dy, columns, scratch, relu);
      x += rowBytes;
      dy += denseBytes;
    }
    const gammaSums = pointerAt(args, 2) + <usize>block * 2 * sumBytes;
    writeSums(scratch, columns, variance, epsilon, gammaSums, gammaSums + sumBytes);
  }
}

/** Completes records with what batch statistics take from each dy: dbeta / rows, and dgamma / rows per distance normalized. */
function writeStatistics(records: usize, columns: i32, rows: i32, variance: usize, epsilon: f32, dgamma: usize, dbeta: usize): void {
  const size = f32x4.splat(<f32>rows);
  for (let at: usize = 0, end = (<usize>paddedColumns(columns)) << 2; at < end; at += 16) {
    const spread = f32x4.sqrt(f32x4.add(v128.load(variance + at), f32x4.splat(epsilon)));
    v128.store(records, f32x4.div(v128.load(dbeta + at), size), SHIFT);
    v128.store(records, f32x4.div(v128.load(dgamma + at), f32x4.mul(size, spread)), SLOPE);
    records += RECORD;
  }
}

/** dx of a row, or added to what is there. */
// @ts-ignore: decorator
@inline function inputRow(x: usize, dy: usize, dx: usize, columns: i32, records: usize, relu: i32, training: bool, added: bool): void {
  const every = i32x4.splat(relu ? 0 : -1);
  const wholeBytes = vectorBytes(columns);
  const denseBytes = (<usize>columns) << 2;
  let record = records;
  let at: usize = 0;
  for (; at < wholeBytes; at += 16) {
    const value = v128.load(x + at);
    let d = masked(v128.load(dy + at), value, record, every);
    if (training) {
      const distance = f32x4.sub(value, v128.load(record));
      d = f32x4.sub(f32x4.sub(d, v128.load(record, SHIFT)), f32x4.mul(distance, v128.load(record, SLOPE)));
    }
    d = f32x4.mul(d, v128.load(record, SCALE));
    v128.store(dx + at, added ? f32x4.add(v128.load(dx + at), d) : d);
    record += RECORD;
  }
  for (; at < denseBytes; at += 4) {
    const value = load<f32>(x + at);
    let d = maskedOne(load<f32>(dy + at), value, record, relu);
    if (training) d = d - load<f32>(record, SHIFT) - (value - load<f32>(record)) * load<f32>(record, SLOPE);
    d *= load<f32>(record, SCALE);
    store<f32>(dx + at, added ? load<f32>(dx + at) + d : d);
    record += 4;
  }
}

/**
 * dx. Slots: x, dy, dx, mean, variance, gamma, beta, rows, columns, bytes from row to row of x, epsilon, relu, dgamma and dbeta
 * (0 where mean and variance are constants), whether dx has the rows of x and is added to.
 */
export function batchNormGradInput(task: i32, count: i32, args: usize, scratch: usize): void {
  const variance = pointerAt(args, 4);
  const rows = intAt(args, 7);
  const columns = intAt(args, 8);
  const rowBytes = pointerAt(args, 9);
  const denseBytes = (<usize>columns) << 2;
  const epsilon = floatAt(args, 10);
  const relu = intAt(args, 11);
  const dgamma = pointerAt(args, 12);
  const added = intAt(args, 14);
  const targetBytes = added ? rowBytes : denseBytes;
  writeRecords(scratch, columns, pointerAt(args, 3), variance, pointerAt(args, 5), pointerAt(args, 6), epsilon);
  if (dgamma) writeStatistics(scratch, columns, rows, variance, epsilon, dgamma, pointerAt(args, 13));
  const first = firstOf(task, count, rows);
  let x = pointerAt(args, 0) + <usize>first * rowBytes;
  let dy = pointerAt(args, 1) + <usize>first * denseBytes;
  let dx = pointerAt(args, 2) + <usize>first * targetBytes;
  for (let left = firstOf(task + 1, count, rows) - first; left > 0; left -= 1) {
    if (dgamma) {
      if (added) inputRow(x, dy, dx, columns, scratch, relu, true, true);
      else inputRow(x, dy, dx, columns, scratch, relu, true, false);
    } else {
      if (added) inputRow(x, dy, dx, columns, scratch, relu, false, true);
      else inputRow(x, dy, dx, columns, scratch, relu, false, false);
    }
    x += rowBytes;
    dy += denseBytes;
    dx += targetBytes;
  }
}
