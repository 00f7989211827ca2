import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { evaluate } from './evaluate';
import { softmaxCrossEntropy } from './loss';
import { createOptimizer } from './optimizer';
import { Pace } from './pace';
import { RunControl } from './run-control';
import { Stopwatch } from './stopwatch';
import { type EpochMeans, splitIntoBatches, trainNetwork } from './train-network';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('softmaxCrossEntropy', () => {
  it('has a gradient where a clipped softmax has none', () => {
    const { losses, dLogits, correct } = softmaxCrossEntropy(
      tf.tensor2d([
        [0, 200],
        [2, 1],
      ]),
      [0, 0],
    );
    expect(losses.arraySync()[0]).toBeCloseTo(200, 3);
    expect(dLogits.arraySync()[0]).toEqual([-0.5, 0.5]);
    expect(correct.arraySync()).toEqual([0, 1]);
  });
});

describe('optimizers', () => {
  const spec = { layer: 'dense', name: 'bias' as const, shape: [2], trainable: true };

  function moved(settings: Parameters<typeof createOptimizer>[0], gradients: number[][]): number[] {
    const network = new Network(buildNetwork('baseline', 4, 2));
    network.loadWeight(spec, Float32Array.of(1, -1));
    const optimizer = createOptimizer(settings);
    for (const gradient of gradients) {
      optimizer.beginStep();
      optimizer.apply(network, spec, tf.tensor1d(gradient));
      optimizer.endStep();
    }
    const values = Array.from(network.weight(spec).dataSync<'float32'>());
    optimizer.dispose();
    network.dispose();
    return values;
  }

  it('Adam has Keras’ epsilon: with a tiny gradient it is not drowned in the bias correction', () => {
    const gradient = 1e-7;
    const settings = { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
    const [value] = moved(settings, [[gradient, 0]]);
    const rate = (0.1 * Math.sqrt(1 - 0.999)) / (1 - 0.9);
    const expected = 1 - (rate * 0.1 * gradient) / (Math.sqrt(0.001) * gradient + 1e-7);
    expect(value).toBeCloseTo(expected, 5);
    // Epsilon inside the corrected root, as TensorFlow.js has it, would have moved twice as far or more.
    expect(Math.abs(expected - (1 - (0.1 * gradient) / (gradient + 1e-7)))).toBeGreaterThan(0.01);
  });

  it('SGD with momentum', () => {
    const [value] = moved({ kind: 'sgd', learningRate: 0.1, momentum: 0.5 }, [
      [1, 0],
      [1, 0],
    ]);
    expect(value).toBeCloseTo(1 - 0.1 - 0.15, 6);
  });
});

describe('trainNetwork', () => {
  const images: DatasetImage[] = Array.from({ length: 10 }, (_, i) => ({
    path: `${i}.png`,
    split: 'train',
    classIndex: i % 2,
    sizeBytes: 1,
  }));
  const size = 6;
  const recipe = {
    ...notebookRecipe('baseline'),
    epochs: 8,
    batchSize: 4,
    inputSize: size,
    optimizer: { kind: 'adam', learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const,
  };

  async function train(seed: number, onBatch: (paths: string[]) => void = () => undefined) {
    const network = new Network(buildNetwork('baseline', size, 2));
    initializeWeights(network, seed);
    const optimizer = createOptimizer(recipe.optimizer);
    const losses: number[] = [];
    const tensorCounts: number[] = [];
    const events = trainNetwork({
      network,
      optimizer,
      recipe: { ...recipe, seed },
      images,
      readPixels: async (batch) => {
        onBatch(batch.map(({ path }) => path));
        // Class 0 is dark, class 1 is bright.
        const data = Uint8Array.from(
          batch.flatMap(({ classIndex }) => Array(size * size * 3).fill(60 + 130 * classIndex)),
        );
        return { data, count: batch.length, size };
      },
    });
    for await (const event of events) {
      if (event.type !== 'epoch') continue;
      losses.push(event.means.loss);
      tensorCounts.push(tf.memory().numTensors);
    }
    optimizer.dispose();
    network.dispose();
    return { losses, tensorCounts };
  }

  it('learns, repeats under the same seed and keeps no tensor from epoch to epoch', async () => {
    const first = await train(1);
    const again = await train(1);
    const other = await train(2);
    expect(first.losses).toEqual(again.losses);
    expect(first.losses).not.toEqual(other.losses);
    expect(first.losses[7]).toBeLessThan(first.losses[0] * 0.8);
    expect(new Set(first.tensorCounts).size).toBe(1);
  });

  it('uses every image once per epoch, the last batch short', async () => {
    const batches: string[][] = [];
    await train(1, (paths) => batches.push(paths));
    expect(batches.slice(0, 3).map((batch) => batch.length)).toEqual([4, 4, 2]);
    for (let epoch = 0; epoch < recipe.epochs; epoch += 1) {
      const seen = batches.slice(epoch * 3, epoch * 3 + 3).flat();
      expect(new Set(seen).size).toBe(images.length);
    }
    expect(batches[0]).not.toEqual(batches[3]);
  });
});

describe('the means of an epoch', () => {
  it('are over its samples, not over its batches, and what inference says of unmoved weights', async () => {
    // Three of a class and seven of the other, of many brightnesses: the batches of 4, 4 and 2 differ.
    const images: DatasetImage[] = Array.from({ length: 10 }, (_, i) => ({
      path: `${i}.png`,
      split: 'train',
      classIndex: i < 3 ? 0 : 1,
      sizeBytes: 1,
    }));
    const size = 6;
    const readPixels = async (batch: DatasetImage[]) => ({
      data: Uint8Array.from(batch.flatMap(({ path }) => Array(size * size * 3).fill(25 * Number.parseInt(path, 10)))),
      count: batch.length,
      size,
    });
    const notebook = notebookRecipe('baseline');
    const still = {
      ...notebook.augmentation,
      rotationDegrees: 0,
      heightShift: 0,
      widthShift: 0,
      zoom: 0,
      noiseDeviation: 0,
    };
    const recipe: Recipe = {
      ...notebook,
      epochs: 1,
      batchSize: 4,
      inputSize: size,
      optimizer: { kind: 'sgd', learningRate: 0, momentum: 0 },
      augmentation: { ...still, horizontalFlip: false },
    };
    const network = new Network(buildNetwork('baseline', size, 2));
    initializeWeights(network, 3);
    const optimizer = createOptimizer(recipe.optimizer);
    const batches: { loss: number; count: number }[] = [];
    let means: EpochMeans | null = null;
    for await (const event of trainNetwork({ network, optimizer, recipe, images, readPixels })) {
      if (event.type === 'batch') batches.push({ loss: event.batchLoss, count: event.imageCount });
      if (event.type === 'epoch') means = event.means;
    }
    const inference = await evaluate(network, { images, batchSize: 10, readPixels });
    expect(batches.map(({ count }) => count)).toEqual([4, 4, 2]);
    const overBatches = batches.reduce((sum, { loss }) => sum + loss, 0) / 3;
    expect(Math.abs(overBatches - (inference?.loss ?? 0))).toBeGreaterThan(1e-3);
    expect(means).toEqual({ loss: expect.closeTo(inference?.loss ?? 0, 5), accuracy: inference?.accuracy });
    optimizer.dispose();
    network.dispose();
  });
});

describe('RunControl', () => {
  it('holds while paused and lets go on resume or stop', async () => {
    const control = new RunControl();
    await control.untilResumed();
    control.pause();
    let passed = false;
    const waiting = control.untilResumed().then(() => {
      passed = true;
    });
    await Promise.resolve();
    expect(passed).toBe(false);
    control.stop();
    await waiting;
    expect(control.stopped).toBe(true);
    expect(control.paused).toBe(false);
  });

  it('reports each change of the pause once, and the first stop', () => {
    const control = new RunControl();
    const reported: boolean[] = [];
    control.onPauseChanged = () => reported.push(control.paused);
    control.resume();
    control.pause();
    control.pause();
    control.resume();
    expect([reported, control.stopSignal.aborted]).toEqual([[true, false], false]);
    control.pause();
    control.stop();
    control.stop();
    expect([reported, control.stopSignal.aborted]).toEqual([[true, false, true, false], true]);
  });
});

describe('Stopwatch and Pace', () => {
  it('leaves pauses out', () => {
    let now = 0;
    const stopwatch = new Stopwatch(20, () => now);
    now = 10;
    stopwatch.pause();
    now = 100;
    stopwatch.resume();
    now = 105;
    expect(stopwatch.readMs()).toBe(35);
  });

  it('predicts the time left from the batches after the first', () => {
    const pace = new Pace();
    pace.batchEnded(5000, 4);
    expect(pace.timeLeftMs(8, 1)).toBeNull();
    pace.batchEnded(5400, 4);
    expect(pace.imagesPerSecond).toBeCloseTo(10);
    pace.epochEnded(5500);
    expect(pace.timeLeftMs(8, 1)).toBeCloseTo(900);
  });
});

describe('splitIntoBatches', () => {
  it('makes ten of 32 and one of 19 from 339', () => {
    const sizes = splitIntoBatches(Array(339).fill(0), 32).map((batch) => batch.length);
    expect(sizes).toEqual([...Array(10).fill(32), 19]);
  });
});
