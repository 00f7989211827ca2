/** @file The best square matrix product of the adapter: the ceiling that a training step's speed is held against. */

import * as tf from '@tensorflow/tfjs';
import type { BenchReport } from './report';
import { openSide, type Side, type SideName } from './side';

const SIZES = { software: [256, 512], gpu: [1024, 2048, 4096] };
const READINGS = 4;
/** A reading repeats the product for about so long. */
const READING_MS = 100;
const MAX_REPEATS = 50;

export async function measureGemm(software: boolean): Promise<BenchReport['gemm']> {
  const results: BenchReport['gemm'] = [];
  for (const kernels of ['ours', 'stock'] satisfies SideName[]) {
    const side = await openSide(kernels);
    try {
      await side.activate();
      for (const size of software ? SIZES.software : SIZES.gpu) {
        results.push({ kernels, size, gflops: await bestProduct(side, size) });
      }
      side.check();
    } finally {
      await side.close();
    }
  }
  return results;
}

/** Billions of operations a second of [size, size] x [size, size], the fastest of a few readings. */
async function bestProduct(side: Side, size: number): Promise<number> {
  const a = tf.fill([size, size], 0.5);
  const b = tf.fill([size, size], 0.25);
  const time = async (repeats: number): Promise<number> => {
    await side.drain();
    const startedAt = performance.now();
    for (let i = 0; i < repeats; i += 1) tf.matMul(a, b).dispose();
    await side.drain();
    return (performance.now() - startedAt) / repeats;
  };
  await time(1);
  const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(READING_MS / (await time(1)))));
  let best = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < READINGS; reading += 1) best = Math.min(best, await time(repeats));
  tf.dispose([a, b]);
  return (2 * size ** 3) / (best * 1e6);
}
