import { expect, it } from 'vitest';
import type { WeightSpec } from '../domain/architecture';
import { gatherWeights } from './gather-weights';

const specs: WeightSpec[] = [
  { layer: 'a', name: 'kernel', shape: [2, 3], trainable: true },
  { layer: 'a', name: 'bias', shape: [3], trainable: true },
];

async function* pieces(...values: number[][]) {
  for (const piece of values) yield Float32Array.from(piece);
}

async function gather(stream: AsyncGenerator<Float32Array<ArrayBuffer>>) {
  const found: [string, number[]][] = [];
  for await (const { spec, values } of gatherWeights(specs, stream)) found.push([spec.name, [...values]]);
  return found;
}

it('joins pieces weight by weight', async () => {
  expect(await gather(pieces([1, 2, 3, 4], [5, 6], [7, 8, 9]))).toEqual([
    ['kernel', [1, 2, 3, 4, 5, 6]],
    ['bias', [7, 8, 9]],
  ]);
});

it('refuses a stream that ends early', async () => {
  await expect(gather(pieces([1, 2, 3, 4, 5, 6], [7]))).rejects.toThrow('end inside a bias');
});
