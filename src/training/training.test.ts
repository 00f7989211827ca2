import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { RandomStream } from '../base/random';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe } from '../domain/recipe';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { centredAffine, drawTransform } from './augmentation';
import { softmaxCrossEntropy } from './loss';
import { createOptimizer } from './optimizer';
import { Pace } from './pace';
import { RunControl } from './run-control';
import { Stopwatch } from './stopwatch';
import { splitIntoBatches, trainNetwork } from './train-network';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('centredAffine', () => {
  it('turns about the picture’s centre', () => {
    const [a, b, t, d, e, u] = centredAffine(
      { rotationDegrees: 90, rowShift: 0, columnShift: 0, rowZoom: 1, columnZoom: 1 },
      4,
    );
    // The top left output pixel samples the top right input pixel.
    expect(a * 0 + b * 0 + t).toBeCloseTo(3);
    expect(d * 0 + e * 0 + u).toBeCloseTo(0);
  });
});

describe('drawTransform', () => {
  it('draws within the recipe’s ranges and as often whatever the settings', () => {
    const settings = notebookRecipe('baseline').augmentation;
    const one = RandomStream.named(1, 'augment');
    const other = RandomStream.named(1, 'augment');
    const flips = Array.from({ length: 400 }, () => drawTransform(settings, 224, one)).filter(({ flip }) => flip);
    for (let i = 0; i < 400; i += 1)
      drawTransform({ ...settings, horizontalFlip: false, noiseDeviation: 0 }, 224, other);
    expect(one.state).toEqual(other.state);
    expect(flips.length).toBeGreaterThan(150);
    expect(flips.length).toBeLessThan(250);
    expect(Math.max(...flips.map(({ noiseDeviation }) => noiseDeviation))).toBeLessThan(50);
  });
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

  it('uses every image once an epoch, the last batch short', async () => {
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

  it('tells each change of the pause once, and the first stop', () => {
    const control = new RunControl();
    const told: boolean[] = [];
    control.onPauseChanged = () => told.push(control.paused);
    control.resume();
    control.pause();
    control.pause();
    control.resume();
    expect([told, control.stopSignal.aborted]).toEqual([[true, false], false]);
    control.pause();
    control.stop();
    control.stop();
    expect([told, control.stopSignal.aborted]).toEqual([[true, false, true, false], true]);
  });
});

describe('Stopwatch and Pace', () => {
  it('leaves pauses out', () => {
    let now = 0;
    const stopwatch = new Stopwatch(() => now);
    now = 10;
    stopwatch.pause();
    now = 100;
    stopwatch.resume();
    now = 105;
    expect(stopwatch.readMs()).toBe(15);
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
