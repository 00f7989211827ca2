/** @file The speed of square matrix products on the active backend: what a device can do at its best. */

import * as tf from '@tensorflow/tfjs';

export interface ProductReadings {
  /** Number of readings; the fastest counts. */
  readings: number;
  /** A reading repeats the product for about this long. */
  readingMs: number;
}

const MAX_REPEATS = 50;

/**
 * Billions of operations per second of [size, size] x [size, size].
 * @param drain sends what is recorded and waits until the device has nothing left to do.
 */
export async function measureProduct(
  size: number,
  drain: () => Promise<void>,
  { readings, readingMs }: ProductReadings,
): Promise<number> {
  const a = tf.fill([size, size], 0.5);
  const b = tf.fill([size, size], 0.25);
  const time = async (repeats: number): Promise<number> => {
    await drain();
    const startedAt = performance.now();
    for (let i = 0; i < repeats; i += 1) tf.matMul(a, b).dispose();
    await drain();
    return (performance.now() - startedAt) / repeats;
  };
  try {
    // The first compiles.
    await time(1);
    const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(readingMs / (await time(1)))));
    let best = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < readings; reading += 1) best = Math.min(best, await time(repeats));
    return (2 * size ** 3) / (best * 1e6);
  } finally {
    tf.dispose([a, b]);
  }
}

const QUICK: ProductReadings = { readings: 2, readingMs: 15 };
const QUICK_SIZES = [256, 512, 1024, 2048, 4096];
/** A product shorter than this says more about the way to the device than about its speed; the next takes 8 times as long. */
const LONG_ENOUGH_MS = 3;

/** The same in a few tens of milliseconds, at a size that suits the device. */
export async function measureProductQuickly(drain: () => Promise<void>): Promise<number> {
  let best = 0;
  for (const size of QUICK_SIZES) {
    const gflops = await measureProduct(size, drain, QUICK);
    best = Math.max(best, gflops);
    if ((2 * size ** 3) / (gflops * 1e6) > LONG_ENOUGH_MS) break;
  }
  return best;
}
