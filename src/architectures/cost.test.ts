import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { buildNetwork } from './build-network';
import { forwardCost, layerCosts, trainingStepCost } from './cost';
import { GraphBuilder } from './graph-builder';
import { planTraining } from './plan';

const SGD = { kind: 'sgd', learningRate: 1e-3, momentum: 0 } as const;
const { optimizer: ADAM } = notebookRecipe('baseline');

describe('the known networks, multiply-adds of one forward pass without the head', () => {
  it.each([
    ['vgg16', 224, 15.3e9],
    ['inceptionv3', 299, 5.7e9],
    ['densenet121', 224, 2.9e9],
  ] as const)('%s at %i pixels', (network, inputSize, multiplyAdds) => {
    const graph = buildNetwork(network, inputSize, 3);
    const base = layerCosts(planTraining(graph), 1, SGD).filter(({ name }) => graph.byName.get(name)?.part === 'base');
    const flops = base.reduce((sum, { forwardFlops }) => sum + forwardFlops, 0);
    expect(Math.abs(flops / 2 / multiplyAdds - 1)).toBeLessThan(0.03);
  });
});

describe('the baseline at 8 pixels, batch 2, by hand', () => {
  const plan = planTraining(buildNetwork('baseline', 8, 3));
  // 6 x 6 pixels, 11 filters of 3 x 3 x 3 + 11 biases; 396 features to 3 classes.
  const conv = 2 * 2 * 36 * 11 * 27;
  const dense = 2 * 2 * 396 * 3;

  it('counts products twice in the first layer and three times in the last', () => {
    expect(trainingStepCost(plan, 2, ADAM).flops).toBe(2 * conv + 3 * dense);
    expect(forwardCost(plan.graph, 2).flops).toBe(conv + dense);
  });

  it('moves each tensor once', () => {
    const x = 2 * 8 * 8 * 3;
    const map = 2 * 396;
    const logits = 2 * 3;
    const forward = x + map + (11 * 27 + 11) + (map + logits + 396 * 3 + 3);
    // Convolution: gradient and output of the ReLU, input. Dense: gradient, input, kernel, and the gradient it writes.
    const backward = map + map + x + (logits + map + 396 * 3 + map);
    const weights = 11 * 27 + 11 + 396 * 3 + 3;
    expect(trainingStepCost(plan, 2, SGD).bytes).toBe(4 * (forward + backward + 2 * weights));
    expect(trainingStepCost(plan, 2, ADAM).bytes).toBe(4 * (forward + backward + 6 * weights));
    expect(forwardCost(plan.graph, 2).bytes).toBe(4 * forward);
  });
});

it('counts no gradient for a frozen stem', () => {
  const graph = buildNetwork('vgg16', 32, 3);
  const costs = new Map(layerCosts(planTraining(graph), 1, ADAM).map((cost) => [cost.name, cost]));
  expect(costs.get('block3_conv3')).toMatchObject({ weightGradientFlops: 0, backwardBytes: 0, updateBytes: 0 });
  const first = costs.get('block4_conv1');
  expect(first?.weightGradientFlops).toBe(first?.forwardFlops);
  expect(first?.inputGradientFlops).toBe(0);
  const second = costs.get('block4_conv2');
  expect(second?.inputGradientFlops).toBe(second?.forwardFlops);
});

it('moves nothing for a concatenation, a flattening and a fused ReLU', () => {
  const g = new GraphBuilder();
  const x = g.conv2d(g.input([4, 4, 3]), { filters: 2, kernel: 1, name: 'conv' });
  const y = g.relu(g.batchNorm(x, { epsilon: 1e-3, name: 'norm' }), 'relu');
  const z = g.dense(g.flatten(g.concatenate([x, y], 'both')), { units: 3, activation: 'softmax', name: 'out' });
  const costs = layerCosts(planTraining(g.finish('baseline', z, 'both')), 1, SGD);
  const moved = new Map(costs.map(({ name, forwardBytes, backwardBytes }) => [name, [forwardBytes, backwardBytes]]));
  for (const name of ['both', 'flatten', 'relu']) expect(moved.get(name)).toEqual([0, 0]);
  // 32 numbers in, 32 out, 2 of each of four weights; back: gradient in and out, and the input, from which the ReLU is known too.
  expect(moved.get('norm')).toEqual([4 * (32 + 32 + 8), 4 * 3 * 32]);
});
