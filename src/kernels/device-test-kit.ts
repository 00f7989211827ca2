/**
 * @file The device that a test runs on, for tests that hold on every device: `*.device.test.ts` run in Node on one thread of the
 * processor, in the browser on WebGPU and, with `--full`, in the browser on all threads of the processor.
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

/** Whether that is the processor in a browser. Node has no relaxed SIMD and no workers as the browser's; Chromium has both. */
export const ON_THREADS = DEVICE === 'processor' && 'document' in globalThis;

/** For a test that takes long where the processor plays the GPU, and seconds at most where it computes as itself. */
export const LONG_ON_WEBGPU = { tags: DEVICE === 'webgpu' ? ['long' as const] : [] };

/** A comparison's second seed, for `it.each`: on one thread of the processor alone, in Node. */
export function secondSeed(fixture: string): string[] {
  return DEVICE === 'webgpu' || ON_THREADS ? [] : [fixture];
}

/** TensorFlow.js' own kernels, or ours over them. On the processor its own are those of its CPU backend. */
export type Kernels = 'ours' | 'stock';

/**
 * Which kernels the comparisons with Keras of the three large networks, and of Grad-CAM, run with. Stock ones need a
 * quarter of an hour for them on a software adapter, so they run on request: `VITE_KERNELS=stock npm test -- --only gpu keras`.
 */
export const ASKED_KERNELS: Kernels = import.meta.env.VITE_KERNELS === 'stock' && !ON_THREADS ? 'stock' : 'ours';

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
  if (!tf.findBackend(PROCESSOR)) {
    const threadCount = ON_THREADS ? Math.max(2, navigator.hardwareConcurrency) : 1;
    const device = await ProcessorDevice.start(ON_THREADS ? { threadCount, startThread } : {});
    const { build, threadCount: started } = device;
    const isAsMeant = started === threadCount && (!ON_THREADS || build === 'relaxed');
    if (!isAsMeant) throw new Error(`The kernels run on ${started} threads instead of ${threadCount}, build ${build}`);
    registerProcessor(device);
  }
  await tf.setBackend(PROCESSOR);
}

/** A thread of the processor, in the browser. */
export function startThread(): Worker {
  return new Worker(new URL('./processor/thread-worker.ts', import.meta.url), { type: 'module' });
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
