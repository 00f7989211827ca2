import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { HeapShortage } from './heap';
import { RESERVED_BYTES, SCRATCH_BYTES } from './job-board';
import type { ProcessorBackend } from './processor-backend';
import { ProcessorDevice } from './processor-device';
import { registerProcessor } from './register';

let device: ProcessorDevice;

async function computeOn(started: ProcessorDevice): Promise<void> {
  registerProcessor(started);
  await tf.setBackend('processor');
}

beforeAll(async () => {
  device = await ProcessorDevice.start();
  await computeOn(device);
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

it('takes large arrays and fills into its memory at once', () => {
  const size = 2 ** 18;
  const { heap } = device;
  const before = heap.usedBytes;
  const tensors = [
    tf.tensor1d(new Float32Array(size).fill(3)),
    tf.tensor1d(new Int32Array(size).fill(5), 'int32'),
    tf.fill([size], 7),
  ];
  expect(heap.usedBytes - before).toBe(3 * 4 * size);
  for (const [i, tensor] of tensors.entries()) expect(new Set(tensor.dataSync())).toEqual(new Set([3 + 2 * i]));
  tf.dispose(tensors);
  expect(heap.usedBytes).toBe(before);
  expect(tf.fill([2], 'a', 'string').dataSync()).toEqual(['a', 'a']);
  expect(tf.fill([2], 9, 'int32').dataSync()).toEqual(Int32Array.of(9, 9));
});

it('refuses data that a stock kernel has handed on under another type', () => {
  const whole = tf.tensor1d([1, 2, 3], 'int32');
  const relabelled = { dataId: whole.dataId, shape: whole.shape, dtype: 'float32' as const };
  expect(() => (tf.backend() as ProcessorBackend).pointerOf(relabelled)).toThrow('lies there as int32');
  whole.dispose();
});

it('refuses a kernel in more parts than a job can have: some would never be computed', () => {
  expect(() => device.run('addInto', 2 ** 16, [0, 0, 0])).toThrow('more parts than a job can have');
});

const CONVOLUTION = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const IMAGE: [number, number, number, number] = [2, 32, 32, 64];
const FILTER: [number, number, number, number] = [3, 3, 64, 64];

// What a kernel makes besides its inputs: first the result, then what it needs for a while.
it.each<[kernel: string, inputs: Record<string, number[]>, attributes: object]>([
  ['Conv2D', { x: IMAGE, filter: FILTER }, CONVOLUTION],
  ['Conv2DBackpropFilter', { x: IMAGE, dy: IMAGE }, { ...CONVOLUTION, filterShape: FILTER }],
  ['Conv2DBackpropInput', { dy: IMAGE, filter: FILTER }, { ...CONVOLUTION, inputShape: IMAGE }],
])('%s without room for all that it needs leaves nothing in the memory', async (kernel, shapes, attributes) => {
  const stepBytes = 2 ** 15;
  const roomBytes = 2 ** 21;
  const scarce = await ProcessorDevice.start({ heapLimitBytes: RESERVED_BYTES + SCRATCH_BYTES + roomBytes });
  await computeOn(scarce);
  const { heap } = scarce;
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.ones(shape)]));
  for (const tensor of Object.values(inputs)) (tf.backend() as ProcessorBackend).pointerOf(tensor);
  const outcomes = new Set<string>();
  for (let takenBytes = stepBytes; takenBytes < SCRATCH_BYTES + roomBytes - heap.usedBytes; takenBytes += stepBytes) {
    const taken = heap.allocate(takenBytes);
    const before = heap.usedBytes;
    heap.forget();
    try {
      tf.tidy(() => void tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap));
      outcomes.add('computed');
    } catch (error) {
      expect(error).toBeInstanceOf(HeapShortage);
      outcomes.add(heap.peakBytes > before ? 'refused half-way' : 'refused');
    }
    expect(heap.usedBytes).toBe(before);
    heap.release(taken);
  }
  expect(outcomes).toContain('computed');
  expect(outcomes).toContain('refused half-way');
  tf.dispose(inputs);
  await computeOn(device);
});
