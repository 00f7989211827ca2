/**
 * @file The device that a test runs on, for tests that hold on every device: `*.device.test.ts` run twice, in Node on the
 * processor and in the browser on WebGPU.
 */

import * as tf from '@tensorflow/tfjs';
import { inject } from 'vitest';
import type { ProcessorBackend } from './processor/processor-backend';

declare module 'vitest' {
  interface ProvidedContext {
    /** By the Vitest project. */
    device: 'processor' | 'webgpu';
  }
}

export const DEVICE = inject('device');

/** For a test that takes long where the processor plays the GPU, and seconds at most where it computes as itself. */
export const LONG_ON_WEBGPU = { tags: DEVICE === 'webgpu' ? ['long' as const] : [] };

/** A comparison's second seed, for `it.each`: on the processor alone, which computes in seconds what SwiftShader takes minutes for. */
export function secondSeed(fixture: string): string[] {
  return DEVICE === 'webgpu' ? [] : [fixture];
}

/** TensorFlow.js' own kernels, or ours over them. On the processor its own are those of its CPU backend. */
export type Kernels = 'ours' | 'stock';

/**
 * Which kernels the comparisons with Keras of the three large networks, and of Grad-CAM, run with. Stock ones need a
 * quarter of an hour for them on a software adapter, so they run on request: `VITE_KERNELS=stock npm test -- --only gpu keras`.
 */
export const ASKED_KERNELS: Kernels = import.meta.env.VITE_KERNELS === 'stock' ? 'stock' : 'ours';

/** As worker/start-webgpu.ts sets the device up. */
export async function startKernels(kernels: Kernels): Promise<void> {
  if (DEVICE === 'processor') {
    if (kernels === 'ours') await startProcessor();
    else await tf.setBackend('cpu');
    return;
  }
  const { registerKernels, unregisterKernels } = await import('./webgpu/register');
  await tf.setBackend('webgpu');
  await tf.ready();
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (kernels === 'ours') registerKernels();
  else unregisterKernels();
}

/** The processor's backend with our kernels: one a file, since its memory is never given back. */
async function startProcessor(): Promise<void> {
  const { PROCESSOR, registerProcessor } = await import('./processor/register');
  const { ProcessorDevice } = await import('./processor/processor-device');
  if (!tf.findBackend(PROCESSOR)) registerProcessor(await ProcessorDevice.start());
  await tf.setBackend(PROCESSOR);
}

/** Of the backend `processor`, where the test runs on it. */
export function processorBackend(): ProcessorBackend {
  return tf.findBackend('processor') as ProcessorBackend;
}

/** How a device computes, where that is a choice: WebGPU has other plans for hardware than for adapters of software. */
export type Plan = 'processor' | 'software' | 'hardware';

export const PLANS: readonly Plan[] = DEVICE === 'processor' ? ['processor'] : ['software', 'hardware'];

/** Chooses a plan whatever the adapter here would get; null chooses by the adapter again. */
export async function usePlan(plan: Plan | null): Promise<void> {
  if (DEVICE === 'processor') return;
  const { pretendAdapter } = await import('./webgpu/adapter-kind');
  pretendAdapter(plan === 'processor' ? null : plan);
}
