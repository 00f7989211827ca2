import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import type { Network } from '../networks/network';
import type { OpenTensors } from '../storage/tensor-file';
import { finiteStream, restoreWeights, tensorStream } from './checkpoint-tensors';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function pass(values: number[]): Promise<number[]> {
  const tensors = [tf.tensor1d([1, 2, 3]), tf.tensor1d(values)];
  const named = tensors.map(
    (tensor, i) =>
      [`t${i}`, { shape: tensor.shape, parts: [tensor] }] as [string, { shape: number[]; parts: tf.Tensor[] }],
  );
  const read: number[] = [];
  try {
    for await (const piece of finiteStream(tensorStream(named)).pieces()) {
      read.push(...new Float32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4));
    }
    return read;
  } finally {
    tf.dispose(tensors);
  }
}

it('passes finite values on, also the largest and the smallest, and names the tensor with one that is not', async () => {
  const finite = [3.4028234663852886e38, -1.1754943508222875e-38, -0].map(Math.fround);
  expect(await pass(finite)).toEqual([1, 2, 3, ...finite]);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    await expect(pass([4, value])).rejects.toThrow('t1');
  }
});

it('refuses a stored tensor of another size by its name', async () => {
  const stored: OpenTensors = { tensors: [], read: async () => new Uint8Array(8) };
  const spec = { layer: 'conv2d', name: 'bias' as const, shape: [3], trainable: true };
  const restoring = restoreWeights({} as Network, [spec], stored);
  await expect(restoring).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringMatching(/conv2d\/bias has 8/),
  });
});
