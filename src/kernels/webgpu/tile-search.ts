/**
 * @file Which of the large tiles suits this GPU: each is timed on the products that training spends its time on.
 *
 * A fraction of a second, most of it compiling. Adapters computed on the processor have their one plan, measured once for
 * all (README.md), and are not searched.
 */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { isSoftwareAdapter } from './adapter-kind';
import { limitDispatches } from './implicit-matmul';
import { LARGE_TILES, setLargeTile } from './staged-tiles';
import { submitRecorded } from './webgpu-pass';

/** A reading repeats a product for about this long; the best of several counts, as other programs use the GPU too. */
const READING_MS = 4;
const READINGS = 3;
const MAX_REPEATS = 64;

/**
 * Names the set of candidates: a choice stored for another set is not used.
 * The choice depends on nothing but the adapter, so that it can be kept.
 */
export const TILES_VERSION = LARGE_TILES.map((tile) => Object.values(tile).join('x')).join(' ');

export interface TileChoice {
  /** Place in {@link LARGE_TILES}. */
  index: number;
  /** Speed it reached, billions of operations per second. */
  gflops: number;
}

/** No dispatch should last longer; slow GPUs are shared with the screen. */
const DISPATCH_MS = 100;

/** Sets the tile of products on this device, and the length of dispatches that its speed allows. */
export function takeTiles(device: GPUDevice, { index, gflops }: TileChoice): void {
  setLargeTile(device, index);
  limitDispatches(device, Math.max(2 ** 32, gflops * 1e6 * DISPATCH_MS));
}

/**
 * Finds the fastest of {@link LARGE_TILES} that computes correctly and sets it. Null where there is no choice, or where
 * none computes correctly (the first is then used, as before the search).
 */
export async function searchTiles(backend: WebGPUBackend): Promise<TileChoice | null> {
  if (isSoftwareAdapter(backend)) return null;
  const { products, operations, dispose } = trainingProducts();
  try {
    let best: TileChoice | null = null;
    for (const index of LARGE_TILES.keys()) {
      setLargeTile(backend.device, index);
      if (!(await computesRight(backend, products))) continue;
      let ms = 0;
      for (const { run } of products) ms += await time(backend, run);
      const gflops = operations / (ms * 1e6);
      if (!best || gflops > best.gflops) best = { index, gflops };
    }
    if (best) takeTiles(backend.device, best);
    else setLargeTile(backend.device, 0);
    return best;
  } finally {
    dispose();
  }
}

interface Product {
  run: () => tf.Tensor;
  /** An element of the result away from the border, and its value. */
  place: number;
  value: number;
}

/** A convolution of VGG16's middle with its two gradients, and a 1x1 convolution of DenseNet; all factors 0.5. */
function trainingProducts() {
  const [batch, side, channels, narrowChannels] = [8, 28, 256, 128];
  const x = tf.fill<tf.Rank.R4>([batch, side, side, channels], 0.5);
  const filter = tf.fill<tf.Rank.R4>([3, 3, channels, channels], 0.5);
  const narrow = tf.fill<tf.Rank.R4>([1, 1, channels, narrowChannels], 0.5);
  const settings = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined };
  const run = (name: string, inputs: tf.NamedTensorMap, attributes: Record<string, number[]>) => {
    // TensorFlow.js types attributes more narrowly than what its kernels take.
    const all: unknown = { ...settings, ...attributes };
    return tf.engine().runKernel(name, inputs, all as tf.NamedAttrMap) as tf.Tensor;
  };
  const middle = (width: number) => ((side / 2) * side + side / 2) * width + 1;
  const pixels = batch * side * side;
  const products: Product[] = [
    { run: () => tf.conv2d(x, filter, 1, 'same'), place: middle(channels), value: 9 * channels * 0.25 },
    { run: () => tf.conv2d(x, narrow, 1, 'same'), place: middle(narrowChannels), value: channels * 0.25 },
    {
      run: () => run('Conv2DBackpropFilter', { x, dy: x }, { filterShape: filter.shape }),
      place: 4 * channels * channels + 1,
      value: pixels * 0.25,
    },
    {
      run: () => run('Conv2DBackpropInput', { dy: x, filter }, { inputShape: x.shape }),
      place: middle(channels),
      value: 9 * channels * 0.25,
    },
  ];
  const operations = 2 * pixels * channels * (3 * 9 * channels + narrowChannels);
  return { products, operations, dispose: () => tf.dispose([x, filter, narrow]) };
}

/** A pipeline that a driver refuses does nothing, which would be fastest; one that it miscompiles is worse. */
async function computesRight(backend: WebGPUBackend, products: Product[]): Promise<boolean> {
  const scopes = ['validation', 'internal'] as const;
  for (const scope of scopes) backend.device.pushErrorScope(scope);
  const values: number[] = [];
  for (const { run, place } of products) {
    const element = tf.tidy(() => tf.slice(run().reshape([-1]), place, 1));
    values.push((await element.data())[0]);
    element.dispose();
  }
  const errors = await Promise.all(scopes.map(() => backend.device.popErrorScope()));
  const isRight = products.every(({ value }, i) => Math.abs(values[i] / value - 1) < 1e-4);
  return isRight && errors.every((error) => error === null);
}

/** Milliseconds of one run. */
async function time(backend: WebGPUBackend, run: () => tf.Tensor): Promise<number> {
  const drained = async (repeats: number) => {
    const startedAt = performance.now();
    for (let i = 0; i < repeats; i += 1) run().dispose();
    submitRecorded(backend);
    await backend.queue.onSubmittedWorkDone();
    return (performance.now() - startedAt) / repeats;
  };
  const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(READING_MS / (await drained(1)))));
  let best = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < READINGS; reading += 1) best = Math.min(best, await drained(repeats));
  return best;
}
