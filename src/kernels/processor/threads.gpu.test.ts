import { afterEach, expect, it } from 'vitest';
import { RandomStream } from '../../base/random';
import { startThread } from '../device-test-kit';
import { ProcessorDevice, type ProcessorOptions, ThreadLost } from './processor-device';

const devices: ProcessorDevice[] = [];

async function startDevice(
  threadCount: number,
  startThread: (index: number) => Worker,
  options: ProcessorOptions = {},
): Promise<ProcessorDevice> {
  let started = 0;
  const device = await ProcessorDevice.start({ ...options, threadCount, startThread: () => startThread(started++) });
  devices.push(device);
  return device;
}

function floatsOf({ heap }: ProcessorDevice, pointer: number, length: number): Float32Array {
  return new Float32Array(heap.memory.buffer, pointer, length);
}

/** A block of seeded normals. */
function fillBlock(device: ProcessorDevice, length: number, seed: number): number {
  const stream = RandomStream.named(seed, 'threads');
  const pointer = device.heap.allocate(4 * length);
  floatsOf(device, pointer, length).set(Float32Array.from({ length }, () => stream.normal()));
  return pointer;
}

/** The gradient of a 3x3 filter [3, 3, 24, 40] over 2 images of 40 x 40: sums in parts. */
function reduceOn(device: ProcessorDevice): Float32Array {
  const [images, size, channels, columns, pointParts] = [2, 40, 24, 40, 3];
  const points = images * size * size;
  const steps = 9 * channels;
  const source = fillBlock(device, points * channels, 1);
  const other = fillBlock(device, points * columns, 2);
  const result = device.heap.allocate(4 * steps * columns);
  const partial = device.heap.allocate(4 * steps * columns * pointParts);
  const patches = [source, size, size, size, size, channels, 1, 1, -1, -1, 3];
  const own = [other, partial, points, columns, steps, 4, 1, pointParts];
  device.run('patchReduction', 4 * pointParts, [...patches.map((slot) => slot >>> 0), ...own]);
  device.run('sumArrays', 5, [partial, result, steps, columns, pointParts, 0, 0]);
  return floatsOf(device, result, steps * columns).slice();
}

afterEach(() => {
  for (const device of devices.splice(0)) device.stop();
});

it('computes the same bits on one, two and five threads', async () => {
  expect(crossOriginIsolated).toBe(true);
  const alone = reduceOn(await startDevice(1, startThread));
  expect(alone.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  for (const count of [2, 5]) {
    const device = await startDevice(count, startThread);
    expect(device.threadCount).toBe(count);
    for (let turn = 0; turn < 5; turn += 1) expect(reduceOn(device)).toEqual(alone);
  }
});

it('ends each of thousands of small jobs, with every part done once', async () => {
  const device = await startDevice(3, startThread);
  const size = 4096;
  const from = device.heap.allocate(4 * size);
  const into = device.heap.allocate(4 * size);
  floatsOf(device, from, size).fill(1);
  floatsOf(device, into, size).fill(0);
  // More than the 16 bits of a job's number, and now and then long enough apart that the threads sleep.
  const jobs = 70_000;
  for (let job = 0; job < jobs; job += 1) {
    device.run('addInto', 1 + (job % 9), [from, into, size]);
    if (job % 7000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(floatsOf(device, into, size).every((value) => value === jobs)).toBe(true);
});

it('goes on with a thread less where one does not start', async () => {
  const broken = URL.createObjectURL(new Blob(['throw new Error("no thread")'], { type: 'text/javascript' }));
  const device = await startDevice(3, (index) => (index === 0 ? new Worker(broken) : startThread()));
  URL.revokeObjectURL(broken);
  expect(device.threadCount).toBe(2);
  expect(reduceOn(device)).toEqual(reduceOn(await startDevice(1, startThread)));
});

it('says when a part traps on a thread instead of waiting for it', async () => {
  const device = await startDevice(2, startThread);
  // Addresses behind the end of the memory.
  const outside = 2 ** 32 - 2 ** 20;
  expect(() => device.run('addInto', 8, [outside, outside, 2 ** 17])).toThrow('did not come to its end');
  expect(reduceOn(device).length).toBe(9 * 24 * 40);
});

it('is lost, and does not wait for ever, when a thread dies with a part; the next start has new threads', async () => {
  const startDying = () => new Worker(new URL('./dying-thread.test-worker.ts', import.meta.url), { type: 'module' });
  const device = await startDevice(3, (index) => (index === 0 ? startDying() : startThread()), { patienceMs: 300 });
  expect(device.threadCount).toBe(3);
  const size = 2 ** 18;
  const [from, into] = [fillBlock(device, size, 1), fillBlock(device, size, 2)];
  // A thread that is slow to wake takes no part of the first ones.
  const addOften = () => {
    for (let job = 0; job < 20_000; job += 1) device.run('addInto', 64, [from, into, size]);
  };
  expect(addOften).toThrow(ThreadLost);
  expect(device.lost?.message).toBe('A thread of the processor ended in the middle of addInto');
  const before = floatsOf(device, into, size).slice();
  expect(() => device.run('addInto', 1, [from, into, size])).toThrow(ThreadLost);
  expect(floatsOf(device, into, size)).toEqual(before);
  device.stop();
  const next = await startDevice(3, startThread);
  expect(next.threadCount).toBe(3);
  expect(reduceOn(next)).toEqual(reduceOn(await startDevice(1, startThread)));
});
