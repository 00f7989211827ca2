import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import type { WeightSpec } from '../domain/architecture';
import type { DatasetImage } from '../domain/dataset';
import { filled } from '../networks/every-kind-test-kit';
import type { Network } from '../networks/network';
import { evaluate } from './evaluate';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SIZE = 7;
const images: DatasetImage[] = Array.from({ length: 5 }, (_, i) => ({
  path: `${i}.png`,
  split: 'test',
  classIndex: i % 3,
  sizeBytes: 1,
}));

const readPixels = async (batch: DatasetImage[]) => ({
  data: Uint8Array.from(
    batch.flatMap(({ path }) =>
      Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * (13 + 40 * Number.parseInt(path, 10))) % 256),
    ),
  ),
  count: batch.length,
  size: SIZE,
});

function weightsOf(network: Network): number[][] {
  return [...network.entries()].flatMap(([, { parts }]) => parts.map((part) => [...part.dataSync<'float32'>()]));
}

describe('evaluate', () => {
  it('predicts in inference mode: an image scores the same in any batch, and no statistic changes', async () => {
    const network = filled(everyKind());
    const before = weightsOf(network);
    const together = await evaluate(network, { images, batchSize: 5, readPixels });
    const alone = await evaluate(network, { images, batchSize: 1, readPixels });
    const inTwos = await evaluate(network, { images, batchSize: 2, readPixels });
    expect(weightsOf(network)).toEqual(before);
    for (const other of [alone, inTwos]) {
      // The mean over the images, also where the last batch is short.
      expect(other?.loss).toBeCloseTo(together?.loss ?? Number.NaN, 5);
      for (const [i, { probabilities }] of (other?.predictions ?? []).entries()) {
        for (const [k, p] of probabilities.entries())
          expect(p).toBeCloseTo(together?.predictions[i].probabilities[k] ?? Number.NaN, 5);
      }
    }
    // The images get different predictions, so that equal ones mean something.
    const first = together?.predictions.map(({ probabilities }) => probabilities[0].toFixed(4));
    expect(new Set(first).size).toBeGreaterThan(3);
    network.dispose();
  });

  it('refuses to score predictions that are not numbers, and names the first image', async () => {
    const network = filled(everyKind());
    const head = [...network.entries()].map(([spec]) => spec).findLast(({ name }) => name === 'kernel');
    const kernel = network.weight(head as WeightSpec).dataSync<'float32'>();
    const score = (values: Float32Array) => {
      network.loadWeight(head as WeightSpec, values);
      return evaluate(network, { images, batchSize: 2, readPixels });
    };
    const refused = { name: 'StudioError', message: expect.stringMatching(/not finite numbers, first for 0.png/) };
    const tensorsBefore = tf.memory().numTensors;
    await expect(score(kernel.map((value, i) => (i === 0 ? Number.NaN : value)))).rejects.toMatchObject(refused);
    // Finite weights whose products overflow.
    await expect(score(kernel.map((value) => value * 3e38))).rejects.toMatchObject(refused);
    expect((await score(kernel))?.predictions).toHaveLength(5);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    network.dispose();
  });
});
