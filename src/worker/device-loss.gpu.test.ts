import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, expect, it } from 'vitest';
import type { DeviceKind } from '../domain/device';
import { StudioError } from '../domain/failure';
import { DeviceTurns } from './device-turns';
import { startDevice } from './start-device';

const openTiles = () => Promise.reject(new Error('No tiles are kept here'));
const start = (kind: DeviceKind = 'webgpu') =>
  startDevice({ kernels: 'ours', openTiles, forced: null, remembered: null }, kind);

let freed = 0;
const turns = new DeviceTurns(start, async () => {
  freed += 1;
});
afterAll(async () => (await turns.device).stop());

const gpuDevice = () => (tf.backend() as WebGPUBackend).device;

/** 3 squared, on the device. */
async function square(then: () => void = () => undefined): Promise<number> {
  const squared = tf.tidy(() => tf.square(tf.tensor1d([3])));
  try {
    const data = squared.data();
    then();
    return (await data)[0];
  } finally {
    squared.dispose();
  }
}

it('a WebGPU device that is destroyed under way fails the work as lost, and the next begins on a new one', async () => {
  expect(await turns.onDevice(() => square())).toBe(9);
  const first = gpuDevice();
  const lost = turns.onDevice(() => square(() => first.destroy()));
  await expect(lost).rejects.toMatchObject({ code: 'gpu-lost', message: expect.stringMatching(/^The GPU was lost/) });
  expect((await turns.device).isLost()).toBe(true);
  expect(await turns.onDevice(() => square())).toBe(9);
  expect(gpuDevice()).not.toBe(first);
  expect(freed).toBe(1);

  // Between two turns it is noticed as well.
  gpuDevice().destroy();
  await gpuDevice().lost;
  expect(await turns.onDevice(() => square())).toBe(9);
  expect(freed).toBe(2);
});

it('a failure that has nothing to do with the device stays what it is, and the device stays', async () => {
  await turns.usable();
  const kept = gpuDevice();
  const failure = new StudioError('bad-input', 'Not this.');
  await expect(turns.onDevice(() => Promise.reject(failure))).rejects.toBe(failure);
  expect(await turns.onDevice(() => square())).toBe(9);
  expect(gpuDevice()).toBe(kept);
});
