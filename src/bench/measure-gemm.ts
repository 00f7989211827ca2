/** @file The best square matrix product of the adapter: the ceiling that a training step's speed is held against. */

import { measureProduct } from '../kernels/webgpu/measure-product';
import type { BenchReport } from './report';
import { openSide, type SideName } from './side';

const SIZES = { software: [256, 512], gpu: [1024, 2048, 4096] };
const READINGS = { readings: 4, readingMs: 100 };

/** GFLOP/s of square products of several sizes, by stock kernels and by ours. */
export async function measureGemm(software: boolean): Promise<BenchReport['gemm']> {
  const results: BenchReport['gemm'] = [];
  for (const kernels of ['ours', 'stock'] satisfies SideName[]) {
    const side = await openSide(kernels);
    try {
      await side.activate();
      for (const size of software ? SIZES.software : SIZES.gpu) {
        results.push({ kernels, size, gflops: await measureProduct(size, side.drain, READINGS) });
      }
      side.check();
    } finally {
      await side.close();
    }
  }
  return results;
}
