/** @file The best square matrix product of the device: the ceiling that a training step's speed is held against. */

import { measureProduct } from '../kernels/measure-product';
import { type Conditions, openSide } from './open-side';
import type { BenchReport } from './report';
import type { MeasuredSide, Pace } from './side-name';

const SIZES: Record<Pace, number[]> = { software: [256, 512], gpu: [1024, 2048, 4096], processor: [512, 1024] };
const READINGS = { readings: 4, readingMs: 100 };

/** GFLOP/s of square products of several sizes, by these sides' kernels. */
export async function measureGemm(
  sides: readonly MeasuredSide[],
  conditions: Conditions,
  pace: Pace,
): Promise<BenchReport['gemm']> {
  const results: BenchReport['gemm'] = [];
  for (const kernels of sides) {
    const side = await openSide(kernels, conditions);
    try {
      await side.activate();
      for (const size of SIZES[pace]) {
        results.push({ kernels, size, gflops: await measureProduct(size, side.drain, READINGS) });
      }
      side.check();
    } finally {
      await side.close();
    }
  }
  return results;
}
