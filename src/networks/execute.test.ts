import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { weightSpecs } from '../architectures/graph';
import { type Plan, planGradientAt, planInference, planTraining } from '../architectures/plan';
import { weightKey } from '../domain/architecture';
import { DIRECTION, filled, images } from './every-kind-test-kit';
import { backward, forward, releasePass } from './execute';
import type { Network } from './network';
import { multiplyOut } from './weight-gradient';

function score(network: Network, plan: Plan, x: tf.Tensor, training: boolean): number {
  const statistics = weightSpecs(network.graph).filter(({ name }) => name.startsWith('moving'));
  const before = statistics.map((spec) => network.weight(spec).dataSync() as Float32Array);
  const pass = forward(network, plan, x, { training });
  const logits = pass.logits.dataSync<'float32'>();
  for (const [index, spec] of statistics.entries()) network.loadWeight(spec, before[index]);
  releasePass(pass);
  return logits.reduce((sum, value, i) => sum + value * DIRECTION[i], 0);
}

describe('forward and backward', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    ['training mode', true, () => false],
    ['inference mode', false, () => false],
    ['with the first layers frozen', true, (name: string) => ['conv2d', 'batch_normalization'].includes(name)],
  ])('gradients of every weight agree with finite differences: %s', (_name, training, frozen) => {
    const network = filled(everyKind(frozen));
    const plan = planTraining(network.graph);
    const x = images();
    const gradients = new Map<string, Float32Array>();
    const trained = forward(network, plan, x, { training });
    backward(trained, tf.tensor(DIRECTION, [4, 3]), (spec, gradient) => {
      const whole = multiplyOut(gradient);
      gradients.set(weightKey(spec), whole.dataSync() as Float32Array);
      whole.dispose();
    });

    const specs = weightSpecs(network.graph).filter(({ trainable }) => trainable);
    expect([...gradients.keys()].sort()).toEqual(specs.map(weightKey).sort());
    for (const spec of specs) {
      const values = (network.weight(spec).dataSync() as Float32Array).slice();
      const gradient = gradients.get(weightKey(spec)) ?? new Float32Array();
      const step = 2e-3;
      for (let i = 0; i < values.length; i += Math.max(1, Math.floor(values.length / 7))) {
        const at = (shift: number) => {
          const moved = values.slice();
          moved[i] += shift;
          network.loadWeight(spec, moved);
          return score(network, plan, x, training);
        };
        const difference = (at(step) - at(-step)) / (2 * step);
        expect(Math.abs(gradient[i] - difference), `${weightKey(spec)}[${i}]`).toBeLessThan(
          0.02 + 0.02 * Math.abs(difference),
        );
      }
      network.loadWeight(spec, values);
    }
  });

  it('moves the statistics of trainable BatchNorm layers only', () => {
    const network = filled(everyKind((name) => name === 'batch_normalization'));
    const movingMean = (layer: string) => Array.from(network.weight({ layer, name: 'moving_mean' }).dataSync());
    const frozenBefore = movingMean('batch_normalization');
    const before = movingMean('bn');
    const pass = forward(network, planTraining(network.graph), images(), { training: true });
    backward(pass, tf.zeros([4, 3]), (_spec, gradient) => gradient.dispose());
    expect(movingMean('batch_normalization')).toEqual(frozenBefore);
    expect(movingMean('bn')).not.toEqual(before);
  });

  it('gives the gradient at a feature map, and no weight gradient then', () => {
    const network = filled(everyKind());
    const { graph } = network;
    const pass = forward(network, planGradientAt(graph, graph.featureMap), images(), { training: false });
    const gradients = backward(pass, tf.tensor(DIRECTION, [4, 3]), () => {
      throw new Error('no weight gradient was wanted');
    });
    expect([...gradients.keys()]).toEqual(['bn']);
    expect(gradients.get('bn')?.shape).toEqual([4, ...(graph.byName.get('bn')?.outputShape ?? [])]);
  });

  it('runs a stem in slices, and kernels in parts, to the same numbers', () => {
    const graph = everyKind((name) => ['conv2d', 'batch_normalization'].includes(name));
    const plan = planTraining(graph);
    const passOf = (network: Network, sliceBytes?: number) => {
      const pass = forward(network, plan, images(), { training: true, sliceBytes });
      const logits = Array.from(pass.logits.dataSync());
      const gradients = new Map<string, number[]>();
      backward(pass, tf.tensor(DIRECTION, [4, 3]), (spec, gradient) => {
        gradients.set(weightKey(spec), Array.from(multiplyOut(gradient).dataSync()));
      });
      return { logits, gradients };
    };
    const whole = passOf(filled(graph));
    // Rows of six floats, so that the first dense kernel of 19 rows comes in seven parts; slices of one image.
    const split = filled(graph, 3 * 6 * 4);
    expect(split.split({ layer: 'dense', name: 'kernel' }).parts.length).toBe(7);
    const pieces = passOf(split, 9 * 9 * 3 * 4);
    expect(pieces.gradients.size).toBe(whole.gradients.size);
    for (const [key, values] of [['logits', whole.logits] as const, ...whole.gradients]) {
      const found = key === 'logits' ? pieces.logits : (pieces.gradients.get(key) ?? []);
      for (const [i, value] of values.entries()) expect(found[i], `${key}[${i}]`).toBeCloseTo(value, 5);
    }
  });

  it('folds a frozen BatchNorm anew when its weights are replaced', () => {
    const graph = everyKind((name) => ['conv2d', 'batch_normalization'].includes(name));
    const network = filled(graph);
    expect([...planInference(graph).folded.keys()]).toEqual(['conv2d']);
    const logits = () => {
      const pass = forward(network, planInference(graph), images(), { training: false });
      const values = Array.from(pass.logits.dataSync());
      releasePass(pass);
      return values;
    };
    const before = logits();
    const [beta] = graph.byName.get('batch_normalization')?.weights ?? [];
    network.loadWeight(beta, new Float32Array([3, 3, 3, 3]));
    expect(logits()).not.toEqual(before);
  });

  it('leaves no tensor behind', () => {
    const network = filled(everyKind());
    const x = images();
    const dLogits = tf.tensor(DIRECTION, [4, 3]);
    const before = tf.memory().numTensors;
    const train = planTraining(network.graph);
    backward(forward(network, train, x, { training: true }), dLogits, (_spec, gradient) => gradient.dispose());
    const inference = forward(network, planInference(network.graph), x, { training: false });
    expect(tf.memory().numTensors).toBe(before + 1);
    releasePass(inference);
    expect(tf.memory().numTensors).toBe(before);
  });
});
