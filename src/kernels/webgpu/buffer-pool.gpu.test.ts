import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectClose, normals, tensorOf } from '../kernel-test-kit';
import { BufferPool, limitIdleBuffers } from './buffer-pool';
import { registerKernels } from './register';
import { largestLimits } from './request-limits';

const MIB = 2 ** 20;

const requestAdapter = async () => (await navigator.gpu.requestAdapter()) as GPUAdapter;

describe('what lies idle', () => {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  let device: GPUDevice;
  let pool: BufferPool;
  /** `submit`, and the sizes in MiB of what was destroyed, in order. */
  let events: (string | number)[];

  beforeAll(async () => {
    device = await (await requestAdapter()).requestDevice();
  });

  beforeEach(() => {
    events = [];
    pool = new BufferPool(device, () => events.push('submit'), { idleBytes: 5 * MIB, totalBytes: 0 });
    return () => pool.dispose();
  });

  const acquire = (mib: number) => {
    const buffer = pool.acquireBuffer(mib * MIB, usage);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      events.push(mib);
      return destroy();
    };
    return buffer;
  };

  it('stays up to the limit, and what is largest goes first, after a submission', () => {
    const [one, two, three] = [acquire(1), acquire(2), acquire(3)];
    for (const buffer of [one, three, two]) pool.releaseBuffer(buffer);
    expect(events).toEqual([]);
    acquire(4);
    expect(events).toEqual(['submit', 3]);
    expect(pool.getNumFreeBuffers()).toBe(2);
    acquire(6);
    expect(events).toEqual(['submit', 3]);
  });

  it('of those alike the one made last goes first', () => {
    const [first, second] = [acquire(3), acquire(3)];
    pool.releaseBuffer(second);
    pool.releaseBuffer(first);
    acquire(4);
    expect(events).toEqual(['submit', 3]);
    expect(pool.acquireBuffer(3 * MIB, usage)).toBe(first);
  });

  it('stays past that limit while all together are below the other', () => {
    pool = new BufferPool(device, () => events.push('submit'), { idleBytes: 5 * MIB, totalBytes: 20 * MIB });
    const [three, four] = [acquire(3), acquire(4)];
    for (const buffer of [three, four]) pool.releaseBuffer(buffer);
    acquire(13);
    expect(events).toEqual([]);
    acquire(6);
    expect(events).toEqual(['submit', 4]);
  });

  it('is left alone by small buffers, and goes all at once when asked', () => {
    const buffers = [acquire(3), acquire(4)];
    for (const buffer of buffers) pool.releaseBuffer(buffer);
    acquire(1 / 1024);
    expect(events).toEqual([]);
    pool.releaseIdle();
    expect(events.filter((event) => event !== 'submit')).toEqual([4, 3]);
    expect(events[0]).toBe('submit');
    expect(pool.numBytesAllocated).toBe(pool.numBytesUsed);
  });

  it('serves its own size and usage alone', () => {
    const buffer = acquire(2);
    pool.releaseBuffer(buffer);
    expect(pool.acquireBuffer(2 * MIB, GPUBufferUsage.STORAGE)).not.toBe(buffer);
    expect(pool.acquireBuffer(2 * MIB, usage, false, false)).not.toBe(buffer);
    expect(pool.acquireBuffer(2 * MIB, usage)).toBe(buffer);
  });

  it('serves the one made first of those alike, whatever came back last', () => {
    const [first, second, third] = [acquire(1), acquire(1), acquire(1)];
    for (const buffer of [second, first, third]) pool.releaseBuffer(buffer);
    expect([acquire(1), acquire(1), acquire(1)].map((buffer) => [first, second, third].indexOf(buffer))).toEqual([
      0, 1, 2,
    ]);
  });

  it('is counted', () => {
    const buffer = acquire(2);
    acquire(3);
    expect([pool.numBytesUsed, pool.numBytesAllocated, pool.peakBytesAllocated]).toEqual([5, 5, 5].map((n) => n * MIB));
    pool.releaseBuffer(buffer);
    expect([pool.numBytesUsed, pool.numBytesAllocated, pool.getNumFreeBuffers()]).toEqual([3 * MIB, 5 * MIB, 1]);
    pool.releaseIdle();
    expect([pool.numBytesAllocated, pool.peakBytesAllocated]).toEqual([3 * MIB, 5 * MIB]);
    pool.forget();
    expect(pool.peakBytesAllocated).toBe(3 * MIB);
    pool.releaseBuffer(buffer);
    expect([pool.numBytesUsed, pool.getNumUsedBuffers()]).toEqual([3 * MIB, 1]);
  });
});

describe('under recorded passes', () => {
  const LENGTH = MIB / 4;
  const errors: string[] = [];
  let pool: BufferPool;

  beforeAll(async () => {
    const adapter = await requestAdapter();
    const device = await adapter.requestDevice({ requiredLimits: largestLimits(adapter) });
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    const backend = new WebGPUBackend(device, adapter.info);
    pool = limitIdleBuffers(backend, { idleBytes: 0, totalBytes: 0 });
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend);
    registerKernels();
    await tf.setBackend('webgpu');
    await tf.ready();
  });

  /** dy where y is above 0; a pass of our own, so that a freed result is idle at once. */
  const mask = (y: tf.Tensor, dy: tf.Tensor) =>
    tf.engine().runKernel('ReluGrad', { y, dy }, {}) as unknown as tf.Tensor;
  const masked = (y: Float32Array, dy: Float32Array) => dy.map((value, i) => (y[i] > 0 ? value : 0));
  const [a, b, c] = [1, 2, 3].map((seed) => normals([LENGTH], seed));

  /** Uploads them and sends off what that recorded. */
  async function upload(...values: Float32Array[]): Promise<tf.Tensor[]> {
    const backend = tf.backend() as WebGPUBackend;
    const tensors = values.map((numbers) => tensorOf(numbers, [numbers.length]));
    for (const { dataId } of tensors) backend.uploadToGPU(dataId);
    pool.submit();
    await backend.queue.onSubmittedWorkDone();
    return tensors;
  }

  it('a buffer that is destroyed between them has served before', async () => {
    const [x, y, z] = await upload(a, b, c);
    pool.releaseIdle();
    const before = pool.numBytesAllocated;
    const first = mask(x, y);
    const second = mask(first, z);
    first.dispose();
    const longer = tf.engine().runKernel('EmptyTensor', {}, { shape: [LENGTH + 64] }) as unknown as tf.Tensor;
    (tf.backend() as WebGPUBackend).uploadToGPU(longer.dataId);
    // What was freed has gone: left are the second result and the longer one.
    expect(pool.numBytesAllocated - before).toBe(MIB + MIB + 256);
    expectClose(await second.data<'float32'>(), masked(masked(a, b), c), 1e-7);
    expect(errors).toEqual([]);
    tf.dispose([x, y, z, second, longer]);
  });

  it('a buffer that is taken again between them, full of NaN at first, gives both results', async () => {
    const [x, y, z, poison] = await upload(a, b, c, new Float32Array(LENGTH).fill(Number.NaN));
    pool.releaseIdle();
    poison.dispose();
    const before = pool.numBytesAllocated;
    const first = mask(x, y);
    expect(pool.numBytesAllocated).toBe(before);
    const second = mask(first, z);
    first.dispose();
    const third = mask(y, z);
    expect(pool.numBytesAllocated).toBe(before + MIB);
    expectClose(await second.data<'float32'>(), masked(masked(a, b), c), 1e-7);
    expectClose(await third.data<'float32'>(), masked(b, c), 1e-7);
    expect(errors).toEqual([]);
    tf.dispose([x, y, z, second, third]);
  });
});
