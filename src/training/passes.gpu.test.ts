import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weightKey } from '../domain/architecture';
import { registerKernels, unregisterKernels } from '../kernels/register';
import { DIRECTION, everyKind, filled, picture } from '../networks/every-kind-test-kit';
import { backward, forward } from '../networks/execute';
import { weightSpecs } from '../networks/graph';
import { planTraining } from '../networks/plan';
import { multiplyOut } from '../networks/weight-gradient';

interface StepResult {
  logits: Float32Array;
  gradients: Map<string, Float32Array>;
  statistics: Map<string, Float32Array>;
}

/**
 * One forward and backward pass in training mode on the active backend.
 * @param cut with the first layers frozen, the stem in slices of one picture and the dense kernels in parts.
 */
async function step(cut: boolean): Promise<StepResult> {
  const frozen = (name: string) => cut && ['conv2d', 'batch_normalization'].includes(name);
  const network = filled(everyKind(frozen), cut ? 3 * 6 * 4 : undefined);
  const x = picture();
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

describe('a training pass on WebGPU', () => {
  const references = new Map<boolean, StepResult>();

  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const cut of [false, true]) references.set(cut, await step(cut));
    await tf.setBackend('webgpu');
    await tf.ready();
  });

  afterAll(() => unregisterKernels());

  it.each([
    ['stock', false],
    ['stock', true],
    ['ours', false],
    ['ours', true],
  ])('agrees with the processor, kernels: %s, cut into pieces: %s', async (kernels, cut) => {
    if (kernels === 'ours') registerKernels();
    const reference = references.get(cut) as StepResult;
    const tensorsBefore = tf.memory().numTensors;
    const result = await step(cut);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expectClose(result.logits, reference.logits, 'logits');
    for (const [key, values] of reference.gradients) expectClose(result.gradients.get(key), values, key);
    for (const [key, values] of reference.statistics) expectClose(result.statistics.get(key), values, key);
  });
});
