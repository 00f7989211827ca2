/** @file The devices have the same kernels: networks/ and training/ call them by name and do not know which device it is. */

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import { expect, it } from 'vitest';
import { startKernels } from './device-test-kit';
import { registerKernels } from './webgpu/register';

const namesOf = (backend: string) => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);

it('the processor has every kernel that WebGPU adds to the library’s, and no other', async () => {
  const stock = new Set([...namesOf('webgpu'), ...namesOf('cpu')]);
  registerKernels();
  await startKernels('ours');
  const added = (backend: string) =>
    namesOf(backend)
      .filter((name) => !stock.has(name))
      .sort();
  expect(added('webgpu').length).toBeGreaterThan(15);
  expect(added('processor')).toEqual(added('webgpu'));
});
