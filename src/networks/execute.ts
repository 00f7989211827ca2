/**
 * @file Forward and backward passes over a graph, as their schedule says (architectures/pass-schedule.ts).
 *
 * Every tensor is freed at its last read; the backward pass hands out each weight's gradient as soon as it exists, so that
 * it can be applied and freed before the next one is computed. The stem of a large batch runs in slices, as nothing of it
 * is kept.
 */

import * as tf from '@tensorflow/tfjs';
import type { LayerNode } from '../architectures/graph';
import {
  type BackwardStep,
  type ForwardStep,
  type PassMode,
  type PassSchedule,
  passSchedule,
  type SentGradient,
  usesBatchStatistics,
} from '../architectures/pass-schedule';
import type { Plan } from '../architectures/plan';
import { stemSlices } from '../architectures/stem-slices';
import type { WeightSpec } from '../domain/architecture';
import { canShareBlocks, readChannels, startBlock, writeChannels } from './channel-blocks';
import { moveStatistics } from './layers/batch-norm';
import type { BackwardResult, ForwardContext } from './layers/layer';
import { bindLayer } from './layers/layers';
import { hasKernel, runKernels } from './layers/run-kernel';
import type { Network } from './network';
import type { WeightGradient } from './weight-gradient';

/** What a forward pass keeps for the backward pass. Ends in {@link backward} or {@link releasePass}. */
export interface ForwardPass extends PassState {
  /** `[B, classes]`, before the softmax. */
  logits: tf.Tensor2D;
}

interface PassState {
  network: Network;
  schedule: PassSchedule;
  /** Images in the batch, or in the slice of it. */
  count: number;
  /** The output of each layer, or the block whose first channels it is: see channel-blocks.ts. */
  outputs: Map<string, tf.Tensor>;
  /** What layers saved for their backward pass. */
  saved: Map<string, tf.Tensor[]>;
}

export interface ForwardOptions extends Pick<PassMode, 'training'> {
  /** `loaded` if not given. */
  frozenBatchNorm?: PassMode['frozenBatchNorm'];
  /** The stem runs in slices whose outputs stay below; tests make it small. */
  sliceBytes?: number;
}

/**
 * Runs a forward pass.
 * @param x `[B, H, W, 3]`; the caller disposes it.
 * @returns logits and what the plan's differentiated layers need; in training mode moving statistics are updated.
 */
export function forward(network: Network, plan: Plan, x: tf.Tensor, options: ForwardOptions): ForwardPass {
  const { training, frozenBatchNorm = 'loaded', sliceBytes } = options;
  const schedule = passSchedule(plan, { training, frozenBatchNorm, sharesBlocks: canShareBlocks() });
  const state = newState(network, schedule, x.shape[0]);
  const slices = stemSlices(schedule, state.count, sliceBytes);
  if (slices.length > 1) runStemInSlices(state, x, slices);
  else runSteps(state, schedule.stem, () => x.clone());
  runSteps(state, schedule.tail, () => x.clone());
  return { ...state, logits: tensorOf(state, plan.graph.output) as tf.Tensor2D };
}

function newState(network: Network, schedule: PassSchedule, count: number): PassState {
  return { network, schedule, count, outputs: new Map(), saved: new Map() };
}

/** @param images gives the input layer's output. */
function runSteps(state: PassState, steps: ForwardStep[], images: () => tf.Tensor): void {
  for (const step of steps) {
    state.outputs.set(step.node.name, step.making.kind === 'input' ? images() : makeOutput(state, step));
    free(state, step.frees);
  }
}

function runStemInSlices(state: PassState, x: tf.Tensor, slices: number[]): void {
  const pieces = new Map<string, tf.Tensor[]>();
  let start = 0;
  for (const count of slices) {
    const slice = newState(state.network, state.schedule, count);
    const first = start;
    runSteps(slice, state.schedule.stem, () => tf.slice(x, [first, 0, 0, 0], [count, ...x.shape.slice(1)]));
    // What is left is what the layers after the stem read.
    for (const [name, piece] of slice.outputs) pieces.set(name, [...(pieces.get(name) ?? []), piece]);
    start += count;
  }
  for (const [name, parts] of pieces) {
    state.outputs.set(name, tf.concat(parts, 0));
    tf.dispose(parts);
  }
}

function makeOutput(state: PassState, { node, making }: ForwardStep): tf.Tensor {
  switch (making.kind) {
    case 'input':
      throw new Error('The input layer computes nothing');
    case 'computed':
      return runLayer(state, node);
    case 'folded':
      return runFolded(state, node, making.norm, making.relu);
    case 'inFold':
      return tensorOf(state, node.inputs[0]).clone();
    case 'blockStarted':
      return appendToBlock(state, node, startBlock(tensorOf(state, node.inputs[0]), making.width));
    case 'blockContinued':
      return appendToBlock(state, node, tensorOf(state, node.inputs[0]).clone());
    default:
      return making satisfies never;
  }
}

function runLayer(state: PassState, node: LayerNode): tf.Tensor {
  const { network, schedule, saved } = state;
  const result = bindLayer(node).forward(contextOf(state, node));
  if (result.saved) {
    if (node.trainable && node.config.kind === 'batchNorm') {
      moveStatistics(network.weightsOf(node), result.saved, node.config.momentum, (mean, variance) => {
        network.setWeight(node.name, 'moving_mean', mean);
        network.setWeight(node.name, 'moving_variance', variance);
      });
    }
    if (schedule.plan.differentiated.has(node.name)) saved.set(node.name, result.saved);
    else tf.dispose(result.saved);
  }
  return result.output;
}

/** @param block with the first input in its first channels. */
function appendToBlock(state: PassState, node: LayerNode, block: tf.Tensor): tf.Tensor {
  const [before, appended] = node.inputs;
  writeChannels(block, tensorOf(state, appended), shapeOf(state, before)[3]);
  return block;
}

/** A frozen convolution with the BatchNorm, and the ReLU, after it; their own nodes then pass the tensor through. */
function runFolded(state: PassState, node: LayerNode, norm: LayerNode, relu: boolean): tf.Tensor {
  if (node.config.kind !== 'conv2d') throw new Error(`${node.name} has nothing to fold into`);
  const config = { ...node.config, useBias: true, activation: relu ? 'relu' : 'linear' } as const;
  const weights = state.network.foldedWeights(node, norm);
  return bindLayer({ ...node, config }).forward({ ...contextOf(state, node), weights }).output;
}

function contextOf(state: PassState, node: LayerNode): ForwardContext {
  const { network, schedule, saved } = state;
  return {
    inputs: node.inputs.map((name) => tensorOf(state, name)),
    inputShapes: node.inputs.map((name) => shapeOf(state, name)),
    weights: network.weightsOf(node),
    saved: saved.get(node.name) ?? null,
    batchStatistics: usesBatchStatistics(schedule.mode, node),
    fuseRelu: schedule.plan.fused.has(node.name),
  };
}

/**
 * Sends a gradient back through the differentiated layers and releases the pass.
 *
 * @param dLogits `[B, classes]`; the caller disposes it.
 * @param onGradient receives each trainable weight's gradient and owns it. It may change the weight: everything that
 *   needed the old value has been computed.
 * @returns gradients with respect to the plan's targets, by layer name; they belong to the caller.
 */
export function backward(
  pass: ForwardPass,
  dLogits: tf.Tensor,
  onGradient: (spec: WeightSpec, gradient: WeightGradient) => void,
): Map<string, tf.Tensor> {
  const { schedule, saved } = pass;
  const gradients = new Map<string, tf.Tensor>([[schedule.plan.graph.output, dLogits.clone()]]);
  for (const step of schedule.backward) {
    const { node } = step;
    const dy = gradients.get(node.name);
    if (!dy) throw new Error(`No gradient reached ${node.name}`);
    gradients.delete(node.name);
    const inputs = step.inputs.map(({ name, recomputedBy }) =>
      recomputedBy ? bindLayer(recomputedBy).forward(contextOf(pass, recomputedBy)).output : tensorOf(pass, name),
    );
    const result = step.block ? splitBlockGradient(pass, step, dy) : runBackward(pass, step, dy, inputs, gradients);
    dy.dispose();
    for (const [index, send] of step.sends.entries()) {
      const gradient = result.inputs[index];
      if (gradient && send) deliver(gradients, send, gradient);
      else gradient?.dispose();
    }
    for (const spec of node.weights) {
      const gradient = result.weights[spec.name];
      if (gradient) onGradient(spec, gradient);
    }
    tf.dispose(saved.get(node.name) ?? []);
    saved.delete(node.name);
    for (const [index, { recomputedBy }] of step.inputs.entries()) if (recomputedBy) inputs[index].dispose();
    free(pass, step.frees);
  }
  releasePass(pass);
  return gradients;
}

function runBackward(
  pass: ForwardPass,
  { node, wants, readsOutput, sends }: BackwardStep,
  dy: tf.Tensor,
  inputs: tf.Tensor[],
  gradients: ReadonlyMap<string, tf.Tensor>,
): BackwardResult {
  const { network, schedule, saved } = pass;
  return bindLayer(node).backward({
    inputs,
    inputShapes: node.inputs.map((name) => shapeOf(pass, name)),
    into: sends[0]?.arrives === 'addedByLayer' ? (gradients.get(sends[0].to) ?? null) : null,
    output: readsOutput ? tensorOf(pass, node.name) : null,
    saved: saved.get(node.name) ?? null,
    weights: network.weightsOf(node),
    dy,
    batchStatistics: usesBatchStatistics(schedule.mode, node),
    fuseRelu: schedule.plan.fused.has(node.name),
    wantInputs: wants.inputs,
    wantWeights: wants.weights,
  });
}

/** The gradient of a block is passed on whole; the layers before add to its first channels. */
function splitBlockGradient(pass: ForwardPass, { node, block, sends }: BackwardStep, dy: tf.Tensor): BackwardResult {
  const [before, appended] = node.inputs;
  const first = shapeOf(pass, before)[3];
  const toBefore = () => (block === 'started' ? readChannels(dy, 0, first) : dy.clone());
  const toAppended = () => readChannels(dy, first, shapeOf(pass, appended)[3]);
  return { inputs: [sends[0] && toBefore(), sends[1] && toAppended()], weights: {} };
}

/** Frees whatever a pass still holds. */
export function releasePass({ outputs, saved }: ForwardPass): void {
  for (const tensor of outputs.values()) tensor.dispose();
  for (const tensors of saved.values()) tf.dispose(tensors);
  outputs.clear();
  saved.clear();
}

/** The output of a layer that the plan keeps (a target), valid until the pass is released. */
export function outputOf(pass: ForwardPass, layer: string): tf.Tensor {
  const tensor = tensorOf(pass, layer);
  const channels = shapeOf(pass, layer)[3];
  if (tensor.rank < 4 || tensor.shape[3] === channels) return tensor;
  const output = readChannels(tensor, 0, channels);
  pass.outputs.set(layer, output);
  tensor.dispose();
  return output;
}

function tensorOf({ outputs }: PassState, name: string): tf.Tensor {
  const tensor = outputs.get(name);
  if (!tensor) throw new Error(`The output of ${name} was freed or never computed`);
  return tensor;
}

/** Shape of a layer's output, which may lie in a wider block. */
function shapeOf({ schedule, count }: PassState, name: string): number[] {
  const node = schedule.plan.graph.byName.get(name);
  if (!node) throw new Error(`No layer named ${name}`);
  return [count, ...node.outputShape];
}

function free(state: PassState, names: string[]): void {
  for (const name of names) {
    tensorOf(state, name).dispose();
    state.outputs.delete(name);
  }
}

function deliver(gradients: Map<string, tf.Tensor>, { to, arrives }: SentGradient, gradient: tf.Tensor): void {
  const before = gradients.get(to);
  if (arrives === 'first' || !before) {
    gradients.set(to, gradient);
    return;
  }
  if (hasKernel('AddInto')) {
    tf.tidy(() => {
      runKernels('AddInto', { from: gradient, into: before }, {});
    });
  } else {
    gradients.set(to, tf.add(before, gradient));
    before.dispose();
  }
  gradient.dispose();
}
