/** @file What the tests of this module share: the backend with our kernels on, poisoned buffers, seeded numbers, closeness. */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { expect } from 'vitest';
import { RandomStream } from '../../base/random';
import { registerKernels } from './register';

/** Starts WebGPU with our kernels registered. */
export async function startBackend(): Promise<void> {
  registerKernels();
  await tf.setBackend('webgpu');
  await tf.ready();
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
 * @param sizes element counts of the buffers to poison: results and intermediate ones.
 */
export async function runPoisoned(
  sizes: number[],
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, unknown>,
): Promise<Float32Array[]> {
  const backend = tf.backend() as WebGPUBackend;
  const poison = sizes
    .flatMap((size) => [size, size])
    .map((size) => tf.tensor1d(new Float32Array(size).fill(Number.NaN)));
  for (const tensor of poison) backend.uploadToGPU(tensor.dataId);
  tf.dispose(poison);
  for (const input of Object.values(inputs)) backend.uploadToGPU(input.dataId);
  const before = tf.memory().numTensors;
  const dataBefore = backend.numDataIds();
  const output = tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as unknown as
    | tf.Tensor
    | tf.Tensor[];
  const outputs = Array.isArray(output) ? output : [output];
  expect(tf.memory().numTensors).toBe(before + outputs.length);
  const values = await Promise.all(outputs.map((tensor) => tensor.data<'float32'>()));
  expect(backend.numDataIds()).toBe(dataBefore + outputs.length);
  tf.dispose(outputs);
  return values;
}

/** Runs a kernel that writes into its own inputs and returns nothing. */
export function runInPlace(name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, number>): void {
  const before = tf.memory().numTensors;
  tf.engine().runKernel(name, inputs, attributes);
  expect(tf.memory().numTensors).toBe(before);
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
