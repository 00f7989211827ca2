/**
 * @file Compiles all programs of a piece of work before it runs, many at a time.
 *
 * Met one by one while a network trains, each program stops the queue until it is compiled; asked for together, the driver
 * compiles them on all its threads, and there is a count to show. A driver cannot cancel a compilation: when work is given
 * up, its programs finish compiling and are ready when they are next needed.
 */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { compilePasses } from './webgpu-pass';

/** How many of the programs that were missing are compiled. */
type OnProgress = (done: number, total: number) => void;

/** What the last work that was given up had asked for. */
const leftBehind = new WeakMap<WebGPUBackend, Promise<void>[]>();

/**
 * Goes through `work` without running anything on the device: what it computes is undefined, and what it would write in
 * place stays as it is. Whatever else uses the device meanwhile works: what it finds missing it compiles itself.
 *
 * @param signal when aborted, this resolves at once, and `onProgress` is not called again.
 */
export async function compileAhead(
  backend: WebGPUBackend,
  work: () => void,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  // Asked for again while it is under way, a program would be compiled twice.
  await allOf(leftBehind.get(backend) ?? [], onProgress, signal);
  if (signal.aborted) return;
  leftBehind.delete(backend);
  const pipelines = startCompiling(backend, work);
  leftBehind.set(backend, pipelines);
  await allOf(pipelines, onProgress, signal);
  if (!signal.aborted) leftBehind.delete(backend);
}

/** One promise a program that is missing; it never rejects, and after it the program is found ready. */
function startCompiling(backend: WebGPUBackend, work: () => void): Promise<void>[] {
  // TensorFlow.js' own programs under the first flag are compiled and not run, too. Without the second it takes small
  // tensors that were never computed for values on the processor, and reads them. Nothing else may run under them, so
  // they are switched back before anything is awaited.
  const flags = { WEBGPU_ENGINE_COMPILE_ONLY: true, WEBGPU_CPU_FORWARD: false };
  const before = Object.keys(flags).map((name) => [name, tf.env().getBool(name)] as const);
  for (const [name, value] of Object.entries(flags)) tf.env().set(name, value);
  let stock: Promise<void>[] = [];
  let ours: Promise<void>[];
  try {
    ours = compilePasses(work);
  } finally {
    stock = takeStockPipelines(backend);
    for (const [name, value] of before) tf.env().set(name, value);
  }
  return [...ours, ...stock];
}

/**
 * Takes the promises out of TensorFlow.js' cache, where nothing could run them, and puts each pipeline in when it is
 * compiled; what a driver refuses stays out, to be asked for again. (Its own `checkCompileCompletionAsync` leaves all of
 * them in until the last is compiled, and for ever where one fails.)
 */
function takeStockPipelines(backend: WebGPUBackend): Promise<void>[] {
  const { pipelineCache } = backend as unknown as { pipelineCache: Record<string, unknown> };
  return Object.entries(pipelineCache)
    .filter(([, pipeline]) => pipeline instanceof Promise)
    .map(async ([key, promise]) => {
      delete pipelineCache[key];
      const pipeline = await (promise as Promise<GPUComputePipeline>).catch(() => null);
      if (pipeline) pipelineCache[key] ??= pipeline;
    });
}

/** Resolves when all are compiled, or as soon as `signal` is aborted. */
async function allOf(pipelines: Promise<void>[], onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  let done = 0;
  const compiled = pipelines.map(async (pipeline) => {
    await pipeline;
    done += 1;
    if (!signal.aborted) onProgress(done, pipelines.length);
  });
  await Promise.race([Promise.all(compiled), aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
