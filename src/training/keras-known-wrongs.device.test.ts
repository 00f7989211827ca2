/**
 * @file What TensorFlow.js 4.22 computes otherwise than Keras, and that Thorax computes as Keras does.
 *
 * Each test shows both on the same numbers: the stock operation is off, ours is not, with our kernels and without.
 */

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import text from '../../e2e/reference/fixtures/known-wrongs.jsonl?raw';
import { type Graph, weightSpecs } from '../architectures/graph';
import { GraphBuilder } from '../architectures/graph-builder';
import { planGradientAt, planTraining } from '../architectures/plan';
import { readFixture, referenceUniform } from '../base/reference-test-kit';
import { DEVICE, type Kernels, LONG_ON_WEBGPU, startKernels } from '../kernels/device-test-kit';
import { backward, forward } from '../networks/execute';
import { Network } from '../networks/network';

import { softmaxCrossEntropy } from './loss';
import { createOptimizer } from './optimizer';

interface KnownWrongs {
  averagePool: { gradient: number[] };
  frozen: { mean: number[]; movingMean: number[] };
  adam: { learningRate: number; gradients: number[][]; weights: number[][] };
  crossEntropy: { logits: number[][]; labels: number[]; losses: number[]; gradient: number[][] };
}

const keras = Object.assign({}, ...readFixture<unknown, Partial<KnownWrongs>>(text).lines) as KnownWrongs;

const SHAPE: [number, number, number, number] = [1, 5, 5, 2];
const input = () => tf.tensor4d(referenceUniform('known/x', 50), SHAPE);
const direction = () => tf.tensor4d(referenceUniform('known/direction', 50), SHAPE);
const values = (tensor: tf.Tensor) => tensor.data<'float32'>();

/** The largest absolute difference. */
function gap(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(actual[i] - value)), 0);
}

describe.each<Kernels>(['stock', 'ours'])('known wrongs of TensorFlow.js, kernels: %s', (kernels) => {
  beforeAll(() => startKernels(kernels));

  it('gradient of AveragePooling with padding same divides by the pixels a border window covers', async () => {
    const g = new GraphBuilder();
    const pooled = g.averagePool(g.input([5, 5, 2]), { size: 3, strides: 1, padding: 'same' });
    const graph = g.finish('baseline', g.flatten(pooled), pooled);
    const pass = forward(new Network(graph), planGradientAt(graph, 'input_layer'), input(), { training: false });
    const gradients = backward(pass, direction().reshape([1, 50]), () => undefined);
    const ours = await values(gradients.get('input_layer') ?? tf.zeros([0]));
    expect(gap(ours, keras.averagePool.gradient)).toBeLessThan(1e-6);

    const stock = tf.grad((x) => tf.sum(tf.mul(tf.avgPool(x as tf.Tensor4D, 3, 1, 'same'), direction())))(input());
    expect(gap(await values(stock), keras.averagePool.gradient)).toBeGreaterThan(0.1);
  });

  it('a frozen BatchNorm uses its loaded statistics in training and leaves them as they are', async () => {
    const loaded = { gamma: [1.1, 0.9], beta: [0.1, -0.1], moving_mean: [0.4, 0.6], moving_variance: [0.09, 0.04] };
    const network = frozenBatchNorm();
    for (const [name, numbers] of Object.entries(loaded) as [keyof typeof loaded, number[]][]) {
      network.setWeight('batch_normalization', name, tf.tensor1d(numbers));
    }
    const pass = forward(network, planTraining(network.graph), input(), { training: true });
    expect(gap(await values(pass.logits), keras.frozen.mean)).toBeLessThan(1e-6);
    const movingMean = network.weight({ layer: 'batch_normalization', name: 'moving_mean' });
    expect(gap(await values(movingMean), keras.frozen.movingMean)).toBeLessThan(1e-7);

    const layer = tf.layers.batchNormalization({ epsilon: 1e-3, trainable: false });
    layer.build(SHAPE);
    layer.setWeights(Object.values(loaded).map((numbers) => tf.tensor1d(numbers)));
    const stock = tf.mean(layer.apply(input(), { training: true }) as tf.Tensor, [1, 2]);
    expect(gap(await values(stock), keras.frozen.mean)).toBeGreaterThan(0.1);
    expect(gap(await values(layer.getWeights()[2]), keras.frozen.movingMean)).toBeGreaterThan(1e-4);
  });

  it('a frozen BatchNorm set to use the batch’s statistics, as in Keras 2.3, still leaves its own as they are', async () => {
    const network = frozenBatchNorm();
    const loaded = { gamma: [1.1, 0.9], beta: [0.1, -0.1], moving_mean: [0.4, 0.6], moving_variance: [0.09, 0.04] };
    for (const [name, numbers] of Object.entries(loaded) as [keyof typeof loaded, number[]][]) {
      network.setWeight('batch_normalization', name, tf.tensor1d(numbers));
    }
    const options = { training: true, frozenBatchNorm: 'batch' } as const;
    const pass = forward(network, planTraining(network.graph), input(), options);
    // Normalized by its own batch, a channel's mean is its beta.
    expect(gap(await values(pass.logits), loaded.beta)).toBeLessThan(1e-6);
    for (const name of ['moving_mean', 'moving_variance'] as const) {
      const kept = await values(network.weight({ layer: 'batch_normalization', name }));
      expect(gap(kept, loaded[name])).toBeLessThan(1e-7);
    }
    network.dispose();
  });

  it('Adam adds epsilon outside the bias-corrected root', async () => {
    const { learningRate, gradients, weights } = keras.adam;
    const spec = { layer: 'batch_normalization', name: 'beta' as const, shape: [3], trainable: true };
    const network = frozenBatchNorm();
    network.setWeight(spec.layer, spec.name, tf.ones([3]));
    const optimizer = createOptimizer({ kind: 'adam', learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
    const variable = tf.variable(tf.ones([3]));
    const stock = tf.train.adam(learningRate, 0.9, 0.999, 1e-7);
    for (const [step, gradient] of gradients.entries()) {
      optimizer.beginStep();
      optimizer.apply(network, spec, tf.tensor1d(gradient));
      optimizer.endStep();
      stock.applyGradients([{ name: variable.name, tensor: tf.tensor1d(gradient) }]);
      expect(gap(await values(network.weight(spec)), weights[step])).toBeLessThan(1e-6);
      expect(gap(await values(variable), weights[step])).toBeGreaterThan(1e-3);
    }
    optimizer.dispose();
  });

  // Stock kernels take ten seconds for it on a software adapter.
  const wide = kernels === 'stock' ? LONG_ON_WEBGPU : {};
  it('the input gradient of a wide dense layer is that of its kernel for a small batch too', wide, async () => {
    const [batch, units, width] = [4, 4096, 512];
    const kernel = referenceUniform('known/kernel', width * units);
    const dy = referenceUniform('known/dy', batch * units);
    const expected = Array.from({ length: batch * width }, (_, i) => {
      let sum = 0;
      for (let unit = 0; unit < units; unit += 1) {
        sum += dy[Math.floor(i / width) * units + unit] * kernel[(i % width) * units + unit];
      }
      return sum;
    });
    const g = new GraphBuilder();
    const graph = g.finish('baseline', g.dense(g.flatten(g.input([1, 1, width])), { units, activation: 'linear' }), '');
    const network = new Network(graph);
    const [kernelSpec, biasSpec] = weightSpecs(graph);
    network.loadWeight(kernelSpec, kernel);
    network.loadWeight(biasSpec, new Float32Array(units));
    const pass = forward(network, planGradientAt(graph, 'input_layer'), tf.zeros([batch, 1, 1, width]), {
      training: false,
    });
    const gradients = backward(pass, tf.tensor2d(dy, [batch, units]), () => undefined);
    expect(gap(await values(gradients.get('input_layer') ?? tf.zeros([0])), expected)).toBeLessThan(0.02);

    // The sums are about a thousand. The library's processor backend is right here.
    if (kernels === 'ours' || DEVICE === 'processor') return;
    const stock = tf.matMul(tf.tensor2d(dy, [batch, units]), tf.tensor2d(kernel, [width, units]), false, true);
    expect(gap(await values(stock), expected)).toBeGreaterThan(1);
  });

  it('cross-entropy of a saturated sample keeps its loss and its gradient', async () => {
    const { logits, labels, losses, gradient } = keras.crossEntropy;
    const ours = softmaxCrossEntropy(tf.tensor2d(logits), labels);
    expect(gap(await values(ours.losses), losses)).toBeLessThan(1e-5);
    expect(gap(await values(ours.dLogits), gradient.flat())).toBeLessThan(1e-6);

    const target = tf.oneHot(tf.tensor1d(labels, 'int32'), 3).toFloat();
    const stock = tf.grad((z) => tf.mean(tf.metrics.categoricalCrossentropy(target, tf.softmax(z as tf.Tensor2D))));
    expect(gap(await values(stock(tf.tensor2d(logits))), gradient.flat())).toBeGreaterThan(0.3);
  });
});

/** One BatchNorm of two channels, not trainable, under a global average. */
function frozenBatchNorm(): Network {
  const g = new GraphBuilder();
  const normalized = g.batchNorm(g.input([5, 5, 2]), { epsilon: 1e-3 });
  const graph: Graph = g.finish('baseline', g.globalAveragePool(normalized, 'mean'), normalized, () => false);
  return new Network(graph);
}
