/** @file One kernel at one shape, timed on each side in turn. */

import * as tf from '@tensorflow/tfjs';
import { toFailure } from '../domain/failure';
import { type KernelRow, type Specs, sameCall, type Tensors, type Work } from './kernel-row';
import type { KernelCall, TensorSpec } from './record-calls';
import type { Side } from './side';
import type { MeasuredSide } from './side-name';

export interface Readings {
  /** Readings of each side. */
  count: number;
  /** Short work is repeated until a reading lasts about this long. */
  readingMs: number;
}

/** Milliseconds of each reading, where a side has any. */
export interface CallTimes extends Partial<Record<MeasuredSide, number[]>> {
  failures: Partial<Record<MeasuredSide, string>>;
}

const MAX_REPEATS = 100;
/** Work longer than this is read once. */
const SLOW_MS = 4000;

interface Runner {
  side: Side;
  tensors: Tensors;
  work: Work;
  repeats: number;
  readingsMs: number[];
}

export type OpenSide = (name: MeasuredSide) => Promise<Side>;

/** @param open gives WebGPU's sides new devices, because the buffers that one call leaves in the stock pool would affect the next. */
export async function timeCall(
  call: KernelCall,
  row: KernelRow,
  { count, readingMs }: Readings,
  sides: readonly MeasuredSide[],
  open: OpenSide,
): Promise<CallTimes> {
  const failures: CallTimes['failures'] = {};
  const runners: Runner[] = [];
  const attempt = async (name: MeasuredSide, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const { sentence, cause } = toFailure(error);
      failures[name] = cause?.split('\n')[0] ?? sentence;
    }
  };
  for (const name of sides) {
    const inputs = inputsOf(name, call, row);
    if (inputs) await attempt(name, () => start(name, open, call, row, inputs, readingMs, runners));
  }
  for (let reading = 0; reading < count; reading += 1) {
    for (const runner of runners) {
      const { side, readingsMs } = runner;
      if (failures[side.name] || (readingsMs[0] ?? 0) > SLOW_MS) continue;
      await attempt(side.name, async () => void readingsMs.push(await time(runner)));
    }
  }
  for (const runner of runners) await close(runner);
  const times = runners.filter(({ side, readingsMs }) => !failures[side.name] && readingsMs.length > 0);
  return { ...Object.fromEntries(times.map(({ side, readingsMs }) => [side.name, readingsMs])), failures };
}

function inputsOf(name: MeasuredSide, call: KernelCall, row: KernelRow): Specs | null {
  return name === 'stock' && row.stockInputs ? row.stockInputs(call) : call.inputs;
}

/** Its programs compiled, its repeats chosen. */
async function start(
  name: MeasuredSide,
  open: OpenSide,
  call: KernelCall,
  row: KernelRow,
  inputs: Specs,
  readingMs: number,
  runners: Runner[],
): Promise<void> {
  const side = await open(name);
  const runner: Runner = { side, tensors: {}, work: () => undefined, repeats: 1, readingsMs: [] };
  runners.push(runner);
  await side.activate();
  for (const [key, spec] of Object.entries(inputs)) runner.tensors[key] = tensorOf(key, spec);
  const derived = row.derive?.(runner.tensors, call) ?? {};
  for (const key of Object.keys(derived)) runner.tensors[key].dispose();
  Object.assign(runner.tensors, derived);
  runner.work = (row[name === 'stock' ? 'stock' : 'ours'] ?? sameCall)(runner.tensors, call);
  await time(runner);
  runner.repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(readingMs / (await time(runner)))));
}

/** Milliseconds of the work once, from an empty queue to an empty queue. */
async function time({ side, work, repeats }: Runner): Promise<number> {
  await side.activate();
  await side.drain();
  const startedAt = performance.now();
  for (let i = 0; i < repeats; i += 1) {
    tf.tidy(() => {
      work();
    });
  }
  await side.drain();
  const elapsedMs = performance.now() - startedAt;
  side.check();
  return elapsedMs / repeats;
}

async function close({ side, tensors }: Runner): Promise<void> {
  await side.activate();
  tf.dispose(tensors);
  // The stock optimizers' weights and slots.
  tf.disposeVariables();
  await side.close();
}

/** The same numbers on both sides: between -1 and 1, a variance and Adam's second moment above 0, labels among three. */
function tensorOf(name: string, { shape, dtype }: TensorSpec): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  if (dtype === 'int32')
    return tf.tensor(
      Int32Array.from({ length: size }, (_, i) => i % 3),
      shape,
      dtype,
    );
  const values = new Float32Array(size);
  let state = 1;
  for (let i = 0; i < size; i += 1) {
    // Numerical Recipes' generator: nothing else would be through with a hundred million in a second.
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  if (/^(variance|movingVariance|v\d*)$/.test(name))
    for (let i = 0; i < size; i += 1) values[i] = 0.5 + Math.abs(values[i]);
  return tf.tensor(values, shape);
}
