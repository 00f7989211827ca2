import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, expect, it, vi } from 'vitest';
import { normals, runInPlace, startBackend, tensorOf } from '../kernel-test-kit';
import { BindGroupCache } from './bind-group-cache';

beforeAll(startBackend);

const device = () => (tf.backend() as WebGPUBackend).device;
const makeBuffer = () => device().createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
const makeLayout = () =>
  device().createBindGroupLayout({
    entries: [0, 1].map((binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: 'read-only-storage' },
    })),
  });

it('keeps one group for one layout and the same buffers in the same order', () => {
  const cache = new BindGroupCache(device());
  const [layout, other] = [makeLayout(), makeLayout()];
  const [a, b, c] = [makeBuffer(), makeBuffer(), makeBuffer()];
  const group = cache.take(layout, [a, b]);
  expect(cache.take(layout, [a, b])).toBe(group);
  for (const different of [cache.take(layout, [b, a]), cache.take(layout, [a, c]), cache.take(other, [a, b])]) {
    expect(different).not.toBe(group);
  }
});

it('drops what binds a buffer that is forgotten, and that alone', () => {
  const cache = new BindGroupCache(device());
  const layout = makeLayout();
  const [a, b, c] = [makeBuffer(), makeBuffer(), makeBuffer()];
  const [ab, bc] = [cache.take(layout, [a, b]), cache.take(layout, [b, c])];
  cache.forget(a);
  expect(cache.take(layout, [b, c])).toBe(bc);
  expect(cache.take(layout, [a, b])).not.toBe(ab);
  cache.forget(b);
  expect(cache.take(layout, [b, c])).not.toBe(bc);
  cache.forget(makeBuffer());
});

it('is bounded, and right after it has dropped all', () => {
  const cache = new BindGroupCache(device());
  const layout = makeLayout();
  const made = vi.spyOn(device(), 'createBindGroup').mockImplementation(() => ({}) as GPUBindGroup);
  const buffers = Array.from({ length: 92 }, () => ({}) as GPUBuffer);
  for (const a of buffers) for (const b of buffers) cache.take(layout, [a, b]);
  expect(made).toHaveBeenCalledTimes(92 * 92);
  const [first, last] = [buffers[0], buffers[91]];
  cache.take(layout, [last, last]);
  expect(made).toHaveBeenCalledTimes(92 * 92);
  cache.take(layout, [first, first]);
  expect(made).toHaveBeenCalledTimes(92 * 92 + 1);
  made.mockRestore();
});

it('makes none for a pass met before', () => {
  const inputs = { from: tensorOf(normals([64], 1), [64]), into: tensorOf(normals([64], 2), [64]) };
  runInPlace('AddInto', inputs, {});
  const made = vi.spyOn(device(), 'createBindGroup');
  runInPlace('AddInto', inputs, {});
  expect(made).not.toHaveBeenCalled();
  made.mockRestore();
  tf.dispose(inputs);
});
