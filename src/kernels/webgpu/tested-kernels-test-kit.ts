/** @file WebGPU with our kernels or with TensorFlow.js' own, for tests that both must pass. */

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { registerKernels, unregisterKernels } from './register';

export type Kernels = 'ours' | 'stock';

/**
 * Which kernels the comparisons with Keras of the three large networks, and of Grad-CAM, run with. Stock ones need a
 * quarter of an hour for them on a software adapter, so they run on request: `VITE_KERNELS=stock npm test -- --only gpu keras`.
 */
export const ASKED_KERNELS: Kernels = import.meta.env.VITE_KERNELS === 'stock' ? 'stock' : 'ours';

/** As worker/gpu.ts sets it up. */
export async function startKernels(kernels: Kernels): Promise<void> {
  await tf.setBackend('webgpu');
  await tf.ready();
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (kernels === 'ours') registerKernels();
  else unregisterKernels();
}
