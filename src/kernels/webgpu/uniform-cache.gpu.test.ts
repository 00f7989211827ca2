import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, expect, it, vi } from 'vitest';
import { normals, runInPlace, startBackend, tensorOf } from '../kernel-test-kit';
import { type PassUniform, UniformCache } from './uniform-cache';

beforeAll(startBackend);

const device = () => (tf.backend() as WebGPUBackend).device;
const numbers = (...values: number[]): Record<string, PassUniform> =>
  Object.fromEntries(values.map((value, i) => [`n${i}`, { type: 'u32', value }]));

it('keeps one buffer for one content, whatever the names', () => {
  const cache = new UniformCache(device());
  const buffer = cache.take(numbers(1, 2));
  expect(cache.take({ a: { type: 'i32', value: 1 }, b: { type: 'u32', value: 2 } })).toBe(buffer);
  expect(cache.take(numbers(1, 3))).not.toBe(buffer);
  expect(cache.take({ a: { type: 'f32', value: 1 }, b: { type: 'u32', value: 2 } })).not.toBe(buffer);
});

it('destroys what was not used for longest, and only that', () => {
  const cache = new UniformCache(device());
  const [used, unused] = [cache.take(numbers(0, 1)), cache.take(numbers(0, 2))];
  const destroyed = [vi.spyOn(used, 'destroy'), vi.spyOn(unused, 'destroy')];
  for (let i = 0; i < 5000; i += 1) {
    cache.take(numbers(i));
    expect(cache.take(numbers(0, 1))).toBe(used);
  }
  expect(destroyed.map((spy) => spy.mock.calls.length)).toEqual([0, 1]);
});

it('writes nothing for a pass met before', async () => {
  const inputs = { from: tensorOf(normals([64], 1), [64]), into: tensorOf(normals([64], 2), [64]) };
  runInPlace('AddInto', inputs, {});
  const spies = [vi.spyOn(device(), 'createBuffer'), vi.spyOn(device().queue, 'writeBuffer')];
  runInPlace('AddInto', inputs, {});
  expect(spies.map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  vi.restoreAllMocks();
  tf.dispose(inputs);
});
