/** @file The laws that Keras' random numbers follow, tested on ours: ten thousand draws of every parameter, the noise, the shuffles. */

import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { RandomStream } from '../base/random';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe } from '../domain/recipe';
import { type Kernels, startKernels } from '../kernels/device-test-kit';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { drawTransform, type ImageTransform } from './augmentation';

import { createOptimizer } from './optimizer';
import { trainNetwork } from './train-network';

const COUNT = 10_000;
/** Kolmogorov and Smirnov's distance that a sample of its own law passes with probability 1e-3. */
const KS_LIMIT = 1.95 / Math.sqrt(COUNT);
/** Five standard deviations of a correlation of independent numbers. */
const CORRELATION_LIMIT = 5 / Math.sqrt(COUNT);

/** The largest gap between the sample's distribution and the law's. */
function kolmogorovSmirnov(sample: ArrayLike<number>, law: (value: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  return sorted.reduce((gap, value, i) => {
    const share = law(value);
    return Math.max(gap, Math.abs(share - i / sorted.length), Math.abs(share - (i + 1) / sorted.length));
  }, 0);
}

function uniform(from: number, to: number): (value: number) => number {
  return (value) => Math.min(Math.max((value - from) / (to - from), 0), 1);
}

/** The standard normal distribution, by Abramowitz and Stegun 7.1.26, good to 1.5e-7. */
function normal(value: number): number {
  const x = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = (series * Math.exp(-x * x)) / 2;
  return value > 0 ? 1 - tail : tail;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], meanX: number, y: readonly number[], meanY: number) =>
    x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0);
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}

describe('ten thousand transforms of the notebook’s recipe', () => {
  const size = 224;
  const stream = RandomStream.named(20, 'augment');
  const settings = notebookRecipe('baseline').augmentation;
  const transforms = Array.from({ length: COUNT }, () => drawTransform(settings, size, stream));

  /** The parameters back from the matrix: rotation . shift . zoom about the centre. */
  function parametersOf({ affine: [a, b, t, d, e, u], noiseDeviation, flip }: ImageTransform) {
    const centre = size / 2 - 0.5;
    const row = t - centre + (a + b) * centre;
    const column = u - centre + (d + e) * centre;
    const angle = Math.atan2(d, a);
    return {
      rotationDegrees: (angle * 180) / Math.PI,
      rowShift: row * Math.cos(angle) + column * Math.sin(angle),
      columnShift: column * Math.cos(angle) - row * Math.sin(angle),
      rowZoom: Math.hypot(a, d),
      columnZoom: Math.hypot(b, e),
      noiseDeviation,
      flip: flip ? 1 : 0,
    };
  }
  const draws = transforms.map(parametersOf);
  const column = (name: keyof (typeof draws)[number]) => draws.map((draw) => draw[name]);

  it.each([
    ['rotationDegrees', -25, 25],
    ['rowShift', -0.3 * size, 0.3 * size],
    ['columnShift', -0.3 * size, 0.3 * size],
    ['rowZoom', 0.8, 1.2],
    ['columnZoom', 0.8, 1.2],
    ['noiseDeviation', 0, 50],
  ] as const)('%s is uniform from %f to %f', (name, from, to) => {
    expect(kolmogorovSmirnov(column(name), uniform(from, to))).toBeLessThan(KS_LIMIT);
  });

  it('flips every second image', () => {
    expect(Math.abs(mean(column('flip')) - 0.5)).toBeLessThan(4 * (0.5 / Math.sqrt(COUNT)));
  });

  it('draws every parameter independently of the others and of the image before', () => {
    const names = Object.keys(draws[0]) as (keyof (typeof draws)[number])[];
    for (const [index, name] of names.entries()) {
      const values = column(name);
      expect(Math.abs(correlation(values.slice(1), values.slice(0, -1))), name).toBeLessThan(CORRELATION_LIMIT);
      for (const other of names.slice(index + 1)) {
        expect(Math.abs(correlation(values, column(other))), `${name} and ${other}`).toBeLessThan(CORRELATION_LIMIT);
      }
    }
  });

  it('gives every image noise of its own', () => {
    expect(new Set(transforms.map(({ noiseSeed }) => noiseSeed)).size).toBeGreaterThan(COUNT - 5);
  });
});

describe.each<Kernels>(['stock', 'ours'])('the noise, kernels: %s', (kernels) => {
  beforeAll(() => startKernels(kernels));

  it('is normal with the deviation drawn, and independent between seeds, channels and neighbours', async () => {
    const size = 64;
    const seeds = [1, 2, -1_000_000_007];
    const deviations = [50, 25, 5];
    const transforms = seeds.map((noiseSeed, i): ImageTransform => {
      return { affine: [1, 0, 0, 0, 1, 0], flip: false, noiseDeviation: deviations[i], noiseSeed };
    });
    const grey = new Uint8Array(seeds.length * size * size * 3).fill(128);
    const x = augmentImages({ data: grey, count: seeds.length, size }, transforms, false);
    const values = await x.data<'float32'>();
    x.dispose();
    const images = deviations.map((deviation, image) => {
      const start = image * size * size * 3;
      return Array.from(values.subarray(start, start + COUNT), (value) => (value * 255 - 128) / deviation);
    });
    for (const noise of images) {
      expect(kolmogorovSmirnov(noise, normal)).toBeLessThan(KS_LIMIT);
      expect(Math.abs(mean(noise))).toBeLessThan(5 / Math.sqrt(COUNT));
      expect(Math.abs(mean(noise.map((value) => value ** 2)) - 1)).toBeLessThan(5 * Math.sqrt(2 / COUNT));
      expect(Math.abs(mean(noise.map((value) => value ** 4)) - 3)).toBeLessThan(5 * Math.sqrt(96 / COUNT));
      for (const lag of [1, 2, 3, size * 3]) {
        expect(Math.abs(correlation(noise.slice(lag), noise.slice(0, -lag))), `lag ${lag}`).toBeLessThan(
          CORRELATION_LIMIT,
        );
      }
    }
    expect(Math.abs(correlation(images[0], images[1]))).toBeLessThan(CORRELATION_LIMIT);
    expect(Math.abs(correlation(images[0], images[2]))).toBeLessThan(CORRELATION_LIMIT);
  });
});

describe('shuffles', () => {
  beforeAll(() => startKernels('ours'));

  it('use each of 339 images exactly once an epoch, in ten batches of 32 and one of 19, each epoch otherwise', async () => {
    const size = 3;
    const images = Array.from({ length: 339 }, (_, i): DatasetImage => {
      return { path: `${i}.png`, split: 'train', classIndex: i % 3, sizeBytes: 1 };
    });
    const network = new Network(buildNetwork('baseline', size, 3));
    initializeWeights(network, 1);
    const recipe = { ...notebookRecipe('baseline'), epochs: 4, inputSize: size };
    const optimizer = createOptimizer(recipe.optimizer);
    const read: string[][] = [];
    const readPixels = async (batch: DatasetImage[]) => {
      read.push(batch.map(({ path }) => path));
      return { data: new Uint8Array(batch.length * size * size * 3), count: batch.length, size };
    };
    for await (const _event of trainNetwork({ network, optimizer, recipe, images, readPixels }));
    const all = images.map(({ path }) => path).sort();
    const orders = new Set<string>();
    for (let epoch = 0; epoch < recipe.epochs; epoch += 1) {
      const batches = read.slice(epoch * 11, epoch * 11 + 11);
      expect(batches.map((batch) => batch.length)).toEqual([...Array(10).fill(32), 19]);
      expect(batches.flat().sort()).toEqual(all);
      orders.add(batches.flat().join());
    }
    expect(orders.size).toBe(recipe.epochs);
    optimizer.dispose();
    network.dispose();
  });

  it('put every item at every place equally often', () => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    const stream = RandomStream.named(3, 'shuffle');
    const counts = items.map(() => items.map(() => 0));
    for (let i = 0; i < COUNT; i += 1)
      for (const [place, item] of stream.shuffled(items).entries()) counts[item][place] += 1;
    const expected = COUNT / items.length;
    const chiSquare = counts.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 81 degrees of freedom: mean 81, standard deviation 12.7.
    expect(chiSquare).toBeLessThan(81 + 4 * 12.7);
  });
});
