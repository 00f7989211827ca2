import { describe, expect, it } from 'vitest';
import { notebookRecipe, type OptimizerSettings } from '../domain/recipe';
import { buildNetwork } from './build-network';
import { everyKind } from './every-kind-test-kit';
import { GraphBuilder } from './graph-builder';
import { estimateTrainingMemory, type MemoryQuestion } from './memory-estimate';
import { type Plan, planTraining } from './plan';

const SGD: OptimizerSettings = { kind: 'sgd', learningRate: 1e-3, momentum: 0 };
const { optimizer: ADAM } = notebookRecipe('baseline');

function question(plan: Plan, optimizer = SGD, frozenBatchNorm: MemoryQuestion['frozenBatchNorm'] = 'loaded') {
  return { plan, optimizer, frozenBatchNorm };
}

describe('the baseline at 8 pixels, batch 2, by hand', () => {
  const plan = planTraining(buildNetwork('baseline', 8, 3));
  // 6 x 6 pixels, 11 filters of 3 x 3 x 3 + 11 biases; 396 features to 3 classes.
  const weights = 11 * 27 + 11 + 396 * 3 + 3;
  const x = 2 * 8 * 8 * 3;
  const map = 2 * 396;
  // When the convolution's gradients are made: its input, its output, the gradient of that before and after its ReLU,
  // the gradients of kernel and biases, and the logits.
  const most = x + 3 * map + (11 * 27 + 11) + 2 * 3;

  it('holds images, feature map and gradients once', () => {
    const estimate = estimateTrainingMemory(question(plan), 2);
    expect(estimate).toEqual({
      weightBytes: 4 * weights,
      slotBytes: 0,
      passBytes: 4 * most,
      totalBytes: 4 * (weights + most),
      largestBufferBytes: 4 * 396 * 3,
    });
  });

  it('holds two slots for Adam, one for momentum', () => {
    expect(estimateTrainingMemory(question(plan, ADAM), 2).slotBytes).toBe(2 * 4 * weights);
    expect(estimateTrainingMemory(question(plan, { ...SGD, momentum: 0.9 }), 2).slotBytes).toBe(4 * weights);
  });
});

it('counts a folded convolution once more, and what is passed on not at all', () => {
  const g = new GraphBuilder();
  const x = g.conv2d(g.input([4, 4, 3]), { filters: 2, kernel: 1, useBias: false, name: 'conv' });
  const y = g.relu(g.batchNorm(x, { epsilon: 1e-3, name: 'norm' }));
  const z = g.dense(g.flatten(y), { units: 3, activation: 'softmax', name: 'out' });
  const plan = planTraining(g.finish('inceptionv3', z, y, () => false));
  const weights = 6 + 4 * 2 + 96 + 3;
  const { weightBytes, passBytes } = estimateTrainingMemory(question(plan), 5);
  expect(weightBytes).toBe(4 * (weights + 6));
  // Images, the feature map and the logits.
  expect(passBytes).toBe(4 * 5 * (48 + 32 + 3));
  // With the batch's statistics the normalized map is a second one, for as long as the first is read.
  const ofBatch = estimateTrainingMemory(question(plan, SGD, 'batch'), 5);
  expect(ofBatch.weightBytes).toBe(4 * weights);
  expect(ofBatch.passBytes).toBe(4 * 5 * (48 + 32 + 32));
});

it('goes through every layer kind, frozen or not, and grows with the batch', () => {
  for (const frozen of [() => false, (name: string) => ['conv2d', 'batch_normalization'].includes(name)]) {
    const plan = planTraining(everyKind(frozen));
    const bytes = [1, 2, 4, 8].map((batch) => estimateTrainingMemory(question(plan), batch).passBytes);
    expect(bytes.toSorted((a, b) => a - b)).toEqual(bytes);
    expect(bytes[3]).toBeLessThanOrEqual(8 * bytes[0]);
  }
});

describe('the four networks at full size, batch 32', () => {
  it.each([
    ['baseline', 0.4e9],
    ['vgg16', 3.0e9],
    ['inceptionv3', 5.0e9],
    ['densenet121', 3.5e9],
  ] as const)('%s stays under %d bytes, and no buffer passes the default limit', (network, limit) => {
    const { inputSize, batchSize, optimizer, frozenBatchNorm } = notebookRecipe(network);
    const plan = planTraining(buildNetwork(network, inputSize, 3));
    const estimate = estimateTrainingMemory({ plan, optimizer, frozenBatchNorm }, batchSize);
    expect(estimate.totalBytes).toBeLessThan(limit);
    expect(estimate.largestBufferBytes).toBeLessThanOrEqual(128 * 2 ** 20);
  });
});
