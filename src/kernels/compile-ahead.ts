/**
 * @file Compiling all programs of a piece of work before it runs, many at a time.
 *
 * Met one by one while a network trains, each program stops the queue until it is compiled; asked for together, the driver
 * compiles them on all its threads, and there is a count to show.
 */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { compilePasses } from './webgpu-pass';

/**
 * Goes through `work` without running anything on the device: what it computes is undefined, and what it would write in
 * place stays as it is.
 *
 * @param onProgress how many of the programs that were missing are compiled.
 */
export async function compileAhead(
  backend: WebGPUBackend,
  work: () => void,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  // TensorFlow.js' own programs under this flag are compiled and not run, too.
  tf.env().set('WEBGPU_ENGINE_COMPILE_ONLY', true);
  let pipelines: Promise<void>[];
  try {
    pipelines = compilePasses(work);
  } finally {
    tf.env().set('WEBGPU_ENGINE_COMPILE_ONLY', false);
  }
  let done = 0;
  await Promise.all(
    pipelines.map(async (pipeline) => {
      await pipeline;
      done += 1;
      onProgress(done, pipelines.length);
    }),
  );
  await backend.checkCompileCompletionAsync();
}
