/** @file What the tests of this module share: the device with our kernels on, poisoned memory, seeded numbers, closeness. */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { expect } from 'vitest';
import { RandomStream } from '../base/random';
import { DEVICE, processorBackend, startKernels } from './device-test-kit';
import { expectGuards, poisonHeaps } from './poisoned-heap-test-kit';

/** Starts the device with our kernels registered; on the processor in memory full of NaN. */
export async function startBackend(): Promise<void> {
  if (DEVICE === 'processor') poisonHeaps();
  await startKernels('ours');
}

/** Seeded standard normals, rounded to float32. */
export function normals(shape: readonly number[], seed: number): Float32Array {
  const stream = RandomStream.named(seed, 'kernel-test');
  return Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => stream.normal());
}

export function tensorOf(values: Float32Array, shape: readonly number[]): tf.Tensor {
  return tf.tensor(values, [...shape]);
}

/**
 * Runs a kernel whose new buffers are full of NaN, so that an element it never writes shows; checks that it leaves no
 * tensor behind but its results, and frees those.
 * @param sizes element counts of the WebGPU buffers to poison: results and intermediate ones. On the processor all are.
 */
export async function runPoisoned(
  sizes: number[],
  name: string,
  inputs: Record<string, tf.Tensor> | tf.Tensor[],
  attributes: Record<string, unknown>,
): Promise<Float32Array[]> {
  const backend = tf.backend() as tf.KernelBackend & { numDataIds(): number };
  if (DEVICE === 'webgpu') poisonBuffers(sizes, Object.values(inputs));
  else moveToHeap(inputs);
  const before = tf.memory().numTensors;
  const dataBefore = backend.numDataIds();
  const bytesBefore = heapBytes();
  const output = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as unknown as
    | tf.Tensor
    | tf.Tensor[];
  const outputs = Array.isArray(output) ? output : [output];
  expect(tf.memory().numTensors).toBe(before + outputs.length);
  const values = await Promise.all(outputs.map((tensor) => tensor.data<'float32'>()));
  expect(backend.numDataIds()).toBe(dataBefore + outputs.length);
  if (DEVICE === 'processor') expectGuards(processorBackend().device.heap);
  tf.dispose(outputs);
  expect(heapBytes()).toBe(bytesBefore);
  return values;
}

/** Runs a kernel that writes into its own inputs and returns nothing. */
export function runInPlace(name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, number>): void {
  if (DEVICE === 'processor') moveToHeap(inputs);
  const before = tf.memory().numTensors;
  const bytesBefore = heapBytes();
  tf.engine().runKernel(name, inputs, attributes);
  expect(tf.memory().numTensors).toBe(before);
  expect(heapBytes()).toBe(bytesBefore);
  if (DEVICE === 'processor') expectGuards(processorBackend().device.heap);
}

/** Fills the buffers that WebGPU's pool will give out next. */
function poisonBuffers(sizes: number[], inputs: tf.Tensor[]): void {
  const backend = tf.backend() as WebGPUBackend;
  const poison = sizes
    .flatMap((size) => [size, size])
    .map((size) => tf.tensor1d(new Float32Array(size).fill(Number.NaN)));
  for (const tensor of poison) backend.uploadToGPU(tensor.dataId);
  tf.dispose(poison);
  for (const input of inputs) backend.uploadToGPU(input.dataId);
}

/** Where kernels find them, before what they themselves take is counted. */
function moveToHeap(inputs: Record<string, tf.Tensor> | tf.Tensor[]): void {
  for (const input of Object.values(inputs)) processorBackend().pointerOf(input);
}

/** Bytes of the processor's memory that are given out; 0 on WebGPU, whose pool has tests of its own. */
function heapBytes(): number {
  return DEVICE === 'processor' ? processorBackend().device.heap.usedBytes : 0;
}

/** Every element within `tolerance` times the largest expected magnitude (at least 1e-30); NaN never passes. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let largest = 1e-30;
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i += 1) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const gap = Math.abs(actual[i] - expected[i]);
    if (!(gap <= worst)) {
      worst = gap;
      at = i;
    }
  }
  expect(worst / largest, `element ${at}: ${actual[at]} instead of ${expected[at]}`).toBeLessThan(tolerance);
}
