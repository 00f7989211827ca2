import { describe, expect, it } from 'vitest';
import { NETWORK_IDS, NETWORKS } from '../domain/network';
import { buildNetwork } from './build-network';
import { everyKind } from './every-kind-test-kit';
import { GraphBuilder } from './graph-builder';
import { type PassMode, type PassSchedule, passSchedule } from './pass-schedule';
import { type Plan, planGradientAt, planInference, planTraining } from './plan';
import { stemSlices } from './stem-slices';

const TRAINING: PassMode = { training: true, frozenBatchNorm: 'loaded', sharesBlocks: true };

/** Goes through a schedule by names: nothing is read after it was freed, nothing is freed twice. What is left at its end. */
function leftBy({ plan, stem, tail, backward }: PassSchedule): { outputs: string[]; gradients: string[] } {
  const outputs = new Set<string>();
  const reads = (names: string[]) => {
    for (const name of names) if (!outputs.has(name)) throw new Error(`${name} is not there to be read`);
  };
  const free = (names: string[]) => {
    for (const name of names) if (!outputs.delete(name)) throw new Error(`${name} is not there to be freed`);
  };
  for (const { node, frees } of [...stem, ...tail]) {
    reads(node.inputs);
    outputs.add(node.name);
    free(frees);
  }
  const gradients = new Set([plan.graph.output]);
  for (const step of backward) {
    if (!gradients.delete(step.node.name)) throw new Error(`No gradient reaches ${step.node.name}`);
    for (const { name, recomputedBy } of step.inputs) reads(recomputedBy ? recomputedBy.inputs : [name]);
    if (step.readsOutput) reads([step.node.name]);
    for (const send of step.sends) {
      if (!send) continue;
      if (gradients.has(send.to) !== (send.arrives !== 'first')) throw new Error(`${send.to}: ${send.arrives}`);
      gradients.add(send.to);
    }
    free(step.frees);
  }
  return { outputs: [...outputs], gradients: [...gradients] };
}

const graphs = [
  ...NETWORK_IDS.map((id) => buildNetwork(id, NETWORKS[id].minInputSize, 3)),
  everyKind(),
  everyKind((name) => ['conv2d', 'batch_normalization'].includes(name)),
];
const modes: PassMode[] = [true, false].flatMap((sharesBlocks) => [
  { ...TRAINING, sharesBlocks },
  { ...TRAINING, sharesBlocks, frozenBatchNorm: 'batch' },
  { ...TRAINING, sharesBlocks, training: false },
]);

describe.each(graphs.map((graph, index) => [`${graph.network} (${index})`, graph] as const))('%s', (_name, graph) => {
  it.each(modes)('frees every output at its last read but the logits: %o', (mode) => {
    for (const plan of [planInference(graph), planTraining(graph)]) {
      expect(leftBy(passSchedule(plan, mode))).toEqual({
        outputs: [graph.output],
        gradients: plan.differentiated.size > 0 ? [] : [graph.output],
      });
    }
  });

  it('leaves a target and its gradient', () => {
    const plan = planGradientAt(graph, graph.featureMap);
    const left = leftBy(passSchedule(plan, { ...TRAINING, training: false }));
    expect(left.outputs.toSorted()).toEqual([graph.featureMap, graph.output].toSorted());
    expect(left.gradients).toEqual([graph.featureMap]);
  });
});

it('keeps no input for the gradient of a kernel that is not needed', () => {
  const graph = buildNetwork('vgg16', 32, 3);
  const inputsOf = (plan: Plan) =>
    passSchedule(plan, TRAINING)
      .backward.filter(({ node }) => node.config.kind === 'conv2d' || node.config.kind === 'dense')
      .flatMap(({ inputs }) => inputs);
  expect(inputsOf(planTraining(graph))).toHaveLength(6 + 3);
  expect(inputsOf(planGradientAt(graph, 'block4_conv1'))).toEqual([]);
});

it('computes a frozen BatchNorm in the convolution before it, unless it takes the statistics of the batch', () => {
  const g = new GraphBuilder();
  const x = g.conv2d(g.input([4, 4, 3]), { filters: 2, kernel: 1, useBias: false, name: 'conv' });
  const y = g.relu(g.batchNorm(x, { epsilon: 1e-3, name: 'norm' }), 'relu');
  const z = g.dense(g.flatten(y), { units: 3, activation: 'softmax', name: 'out' });
  const plan = planTraining(g.finish('inceptionv3', z, y, () => false));
  const makings = (mode: PassMode) => {
    const { stem, tail } = passSchedule(plan, mode);
    return [...stem, ...tail].map(({ making, sharesInput }) => [making.kind, sharesInput]);
  };
  const before = ['input', false];
  const after = [
    ['computed', true],
    ['computed', true],
    ['computed', false],
  ];
  expect(makings(TRAINING)).toEqual([before, ['folded', false], ['inFold', true], ...after]);
  const ofBatch: PassMode = { ...TRAINING, frozenBatchNorm: 'batch' };
  expect(makings(ofBatch)).toEqual([before, ['computed', false], ['computed', false], ...after]);
});

it('slices a stem evenly below a limit, and not where its BatchNorm needs the whole batch', () => {
  const plan = planTraining(everyKind((name) => ['conv2d', 'batch_normalization'].includes(name)));
  const schedule = passSchedule(plan, TRAINING);
  // Its largest output is the padded input.
  const imageBytes = 4 * 9 * 9 * 3;
  expect(stemSlices(schedule, 8, 8 * imageBytes)).toEqual([8]);
  expect(stemSlices(schedule, 8, 5 * imageBytes)).toEqual([4, 4]);
  expect(stemSlices(schedule, 7, 3 * imageBytes)).toEqual([3, 3, 1]);
  expect(stemSlices(schedule, 3, 1)).toEqual([1, 1, 1]);
  expect(stemSlices(passSchedule(plan, { ...TRAINING, frozenBatchNorm: 'batch' }), 8, imageBytes)).toEqual([8]);
});
