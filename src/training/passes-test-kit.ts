/** @file One training pass through every layer kind, to be computed by one device and then by another. */

import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { type Graph, weightSpecs } from '../architectures/graph';
import { GraphBuilder } from '../architectures/graph-builder';
import { planTraining } from '../architectures/plan';
import { weightKey } from '../domain/architecture';
import { DIRECTION, filled, images } from '../networks/every-kind-test-kit';
import { backward, forward } from '../networks/execute';
import { multiplyOut } from '../networks/weight-gradient';

export interface StepResult {
  logits: Float32Array;
  gradients: Map<string, Float32Array>;
  statistics: Map<string, Float32Array>;
}

export type Shape = 'whole' | 'cut' | 'wide';

/** Channels enough for the large tiles, in all three products of a convolution. */
function wide(): Graph {
  const g = new GraphBuilder();
  let x = g.input([7, 7, 3]);
  x = g.conv2d(x, { filters: 36, kernel: 3, padding: 'same', useBias: false });
  x = g.relu(g.batchNorm(x, { epsilon: 1e-3 }));
  x = g.conv2d(x, { filters: 40, kernel: 3, padding: 'same', activation: 'relu' });
  const featureMap = x;
  x = g.dense(g.globalAveragePool(x, 'mean'), { units: 3, activation: 'softmax' });
  return g.finish('densenet121', x, featureMap, () => true);
}

/**
 * One forward and backward pass in training mode on the active backend.
 * @param shape `cut`: with the first layers frozen, the stem in slices of one image and the dense kernels in parts.
 */
export async function passOnce(shape: Shape): Promise<StepResult> {
  const cut = shape === 'cut';
  const frozen = (name: string) => cut && ['conv2d', 'batch_normalization'].includes(name);
  const network = filled(shape === 'wide' ? wide() : everyKind(frozen), cut ? 3 * 6 * 4 : undefined);
  const x = images();
  const dLogits = tf.tensor(DIRECTION, [4, 3]);
  const pass = forward(network, planTraining(network.graph), x, {
    training: true,
    sliceBytes: cut ? 9 * 9 * 3 * 4 : undefined,
  });
  const logits = (await pass.logits.data<'float32'>()).slice();
  const pending: [string, tf.Tensor][] = [];
  backward(pass, dLogits, (spec, gradient) => pending.push([weightKey(spec), multiplyOut(gradient)]));
  const read = async (tensor: tf.Tensor) => (await tensor.data<'float32'>()).slice();
  const gradients = new Map<string, Float32Array>();
  for (const [key, gradient] of pending) gradients.set(key, await read(gradient));
  const statistics = new Map<string, Float32Array>();
  for (const spec of weightSpecs(network.graph)) {
    if (spec.name.startsWith('moving')) statistics.set(weightKey(spec), await read(network.weight(spec)));
  }
  tf.dispose([x, dLogits, ...pending.map(([, gradient]) => gradient)]);
  network.dispose();
  return { logits, gradients, statistics };
}

function expectClose(actual: Float32Array | undefined, expected: Float32Array, name: string): void {
  expect(actual?.length, name).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((actual?.[i] ?? Number.NaN) - value), `${name}[${i}]`).toBeLessThan(1e-4 * (1 + Math.abs(value)));
  }
}

/** A pass on the active backend that leaves no tensor behind and gives what `reference` did. */
export async function expectSame(shape: Shape, reference: StepResult): Promise<void> {
  const tensorsBefore = tf.memory().numTensors;
  const result = await passOnce(shape);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expectClose(result.logits, reference.logits, 'logits');
  for (const [key, values] of reference.gradients) expectClose(result.gradients.get(key), values, key);
  for (const [key, values] of reference.statistics) expectClose(result.statistics.get(key), values, key);
}

/** What TensorFlow.js' own kernels on the processor compute. */
export async function stockReference(shape: Shape): Promise<StepResult> {
  await tf.setBackend('cpu');
  return passOnce(shape);
}
