/**
 * @file Which of the large tiles suits this GPU: each is timed on the products that training spends its time on.
 *
 * A fraction of a second, most of it compiling. Adapters computed on the processor have their one plan, measured once for
 * all (README.md), and are not searched.
 */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { LARGE_TILES, setLargeTile } from './staged-tiles';
import { isSoftwareAdapter, submitRecorded } from './webgpu-pass';

/** A reading repeats a product for about so long; the best of some counts, as other programs use the GPU too. */
const READING_MS = 4;
const READINGS = 3;
const MAX_REPEATS = 64;

/**
 * Names the set of candidates: a choice stored under another name means nothing now.
 * The choice depends on nothing but the adapter, so that it can be kept.
 */
export const TILES_VERSION = LARGE_TILES.map((tile) => Object.values(tile).join('x')).join(' ');

/**
 * @returns the place in {@link LARGE_TILES} of the fastest, which is used from here on; null where there is no choice.
 */
export async function searchTiles(backend: WebGPUBackend): Promise<number | null> {
  if (isSoftwareAdapter(backend)) return null;
  const products = trainingProducts();
  try {
    let best = { index: 0, ms: Number.POSITIVE_INFINITY };
    for (const index of LARGE_TILES.keys()) {
      setLargeTile(backend.device, index);
      let ms = 0;
      for (const run of products.runs) ms += await time(backend, run);
      if (ms < best.ms) best = { index, ms };
    }
    setLargeTile(backend.device, best.index);
    return best.index;
  } finally {
    tf.dispose(products.tensors);
  }
}

/** A convolution of VGG16's middle with its two gradients, and a 1x1 convolution of DenseNet. */
function trainingProducts(): { runs: (() => void)[]; tensors: tf.Tensor[] } {
  const x = tf.fill<tf.Rank.R4>([8, 28, 28, 256], 0.5);
  const filter = tf.fill<tf.Rank.R4>([3, 3, 256, 256], 0.5);
  const narrow = tf.fill<tf.Rank.R4>([1, 1, 256, 128], 0.5);
  const settings = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined };
  const run = (name: string, inputs: tf.NamedTensorMap, attributes: Record<string, number[]>) => {
    // TensorFlow.js types attributes more narrowly than what its kernels take.
    const all: unknown = { ...settings, ...attributes };
    tf.dispose(tf.engine().runKernel(name, inputs, all as tf.NamedAttrMap) as tf.Tensor);
  };
  return {
    tensors: [x, filter, narrow],
    runs: [
      () => tf.conv2d(x, filter, 1, 'same').dispose(),
      () => tf.conv2d(x, narrow, 1, 'same').dispose(),
      () => run('Conv2DBackpropFilter', { x, dy: x }, { filterShape: filter.shape }),
      () => run('Conv2DBackpropInput', { dy: x, filter }, { inputShape: x.shape }),
    ],
  };
}

/** Milliseconds of one run. */
async function time(backend: WebGPUBackend, run: () => void): Promise<number> {
  const drained = async (repeats: number) => {
    const startedAt = performance.now();
    for (let i = 0; i < repeats; i += 1) run();
    submitRecorded(backend);
    await backend.queue.onSubmittedWorkDone();
    return (performance.now() - startedAt) / repeats;
  };
  // The first compiles.
  await drained(1);
  const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(READING_MS / (await drained(1)))));
  let best = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < READINGS; reading += 1) best = Math.min(best, await drained(repeats));
  return best;
}
