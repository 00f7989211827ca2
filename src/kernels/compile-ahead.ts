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
  // TensorFlow.js' own programs under the first flag are compiled and not run, too. Without the second it takes small
  // tensors that were never computed for values on the processor, and reads them.
  const flags = { WEBGPU_ENGINE_COMPILE_ONLY: true, WEBGPU_CPU_FORWARD: false };
  const before = Object.keys(flags).map((name) => [name, tf.env().getBool(name)] as const);
  for (const [name, value] of Object.entries(flags)) tf.env().set(name, value);
  let pipelines: Promise<void>[];
  try {
    pipelines = compilePasses(work);
  } catch (error) {
    await settleStockPipelines(backend);
    throw error;
  } finally {
    for (const [name, value] of before) tf.env().set(name, value);
  }
  let done = 0;
  await Promise.all(
    pipelines.map(async (pipeline) => {
      await pipeline;
      done += 1;
      onProgress(done, pipelines.length);
    }),
  );
  await settleStockPipelines(backend);
}

/**
 * Puts what was compiled in place of the promises in TensorFlow.js' cache, which nothing there could run; what a driver
 * refused is taken out, to be asked for again. (Its own `checkCompileCompletionAsync` leaves all of them where one fails.)
 */
async function settleStockPipelines(backend: WebGPUBackend): Promise<void> {
  const { pipelineCache } = backend as unknown as { pipelineCache: Record<string, unknown> };
  await Promise.all(
    Object.entries(pipelineCache).map(async ([key, pipeline]) => {
      try {
        pipelineCache[key] = await pipeline;
      } catch {
        delete pipelineCache[key];
      }
    }),
  );
}
