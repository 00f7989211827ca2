import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import type { ProcessorBackend } from './processor-backend';
import { ProcessorDevice } from './processor-device';
import { registerProcessor } from './register';

let device: ProcessorDevice;

beforeAll(async () => {
  device = await ProcessorDevice.start();
  registerProcessor(device);
  await tf.setBackend('processor');
});

it('runs a kernel of ours on what a stock kernel made, and back', () => {
  const before = device.heap.usedBytes;
  tf.tidy(() => {
    const into = tf.range(0, 100_003).add(1);
    const from = tf.fill([100_003], 2);
    tf.engine().runKernel('AddInto', { from, into }, {});
    expect(into.dataSync()).toEqual(Float32Array.from({ length: 100_003 }, (_, i) => i + 3));
    expect(into.mean().dataSync()[0]).toBeCloseTo(50_004, 0);
  });
  expect(device.heap.usedBytes).toBe(before);
});

it('keeps a slice when the tensor it was taken of is freed and its memory given to another', () => {
  tf.tidy(() => {
    const whole = tf.fill([64], 1);
    tf.engine().runKernel('AddInto', { from: tf.fill([64], 1), into: whole }, {});
    const part = tf.slice(whole, 16, 16);
    whole.dispose();
    const next = tf.fill([64], 9);
    tf.engine().runKernel('AddInto', { from: tf.fill([64], 9), into: next }, {});
    expect(part.dataSync()).toEqual(new Float32Array(16).fill(2));
  });
});

it.each([
  ['int32', Int32Array.of(3, -4, 70_000)],
  ['bool', Uint8Array.of(1, 0, 1)],
] as const)('casts %s to numbers that a kernel of ours reads', (dtype, values) => {
  tf.tidy(() => {
    const into = tf.fill([3], 0.5);
    tf.engine().runKernel('AddInto', { from: tf.tensor(values, [3], dtype).cast('float32'), into }, {});
    expect(into.dataSync()).toEqual(Float32Array.from(values, (value) => value + 0.5));
  });
});

it('pools whole numbers as such', () => {
  tf.tidy(() => {
    const x = tf.tensor4d([5, 6, 2, 9], [1, 2, 2, 1], 'int32');
    expect(tf.maxPool(x, 2, 1, 'valid').dataSync()[0]).toBe(9);
  });
});

it('refuses data that a stock kernel has handed on under another type', () => {
  const whole = tf.tensor1d([1, 2, 3], 'int32');
  const relabelled = { dataId: whole.dataId, shape: whole.shape, dtype: 'float32' as const };
  expect(() => (tf.backend() as ProcessorBackend).pointerOf(relabelled)).toThrow('lies there as int32');
  whole.dispose();
});
