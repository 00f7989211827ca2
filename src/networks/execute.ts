/**
 * @file Forward and backward passes over a graph.
 *
 * Every tensor is counted by how often it will still be read and freed at the last read; the backward pass hands out
 * each weight's gradient as soon as it exists, so that it can be applied and freed before the next one is computed. The
 * stem of a large batch runs in slices (stem-slices.ts), as nothing of it is kept.
 */

import * as tf from '@tensorflow/tfjs';
import type { LayerNode } from '../architectures/graph';
import type { WeightSpec } from '../domain/architecture';
import { canShareBlocks, readChannels, startBlock, writeChannels } from './channel-blocks';
import { moveStatistics } from './layers/batch-norm';
import type { ForwardContext } from './layers/layer';
import { bindLayer } from './layers/layers';
import { hasKernel, runKernels } from './layers/run-kernel';
import type { Network } from './network';
import type { Plan } from './plan';
import { sliceSizeOf, stemOf } from './stem-slices';
import type { WeightGradient } from './weight-gradient';

/** What a forward pass keeps for the backward pass. Ends in {@link backward} or {@link releasePass}. */
export interface ForwardPass extends PassState {
  /** `[B, classes]`, before the softmax. */
  logits: tf.Tensor2D;
}

interface PassState {
  network: Network;
  plan: Plan;
  options: ForwardOptions;
  outputs: Map<string, Output>;
  shapes: Map<string, number[]>;
  /** What layers saved for their backward pass. */
  saved: Map<string, tf.Tensor[]>;
}

interface Output {
  /** The output, or the block whose first channels it is: see channel-blocks.ts. */
  tensor: tf.Tensor;
  reads: number;
}

export interface ForwardOptions {
  /** Dropout-free networks: the only difference is BatchNorm's statistics and their moving averages. */
  training: boolean;
  /** What frozen BatchNorm layers use while training. */
  frozenBatchNorm?: 'loaded' | 'batch';
  /** The stem runs in slices whose outputs stay below; tests make it small. */
  sliceBytes?: number;
}

/**
 * @param x `[B, H, W, 3]`, stays the caller's.
 * @returns logits and what the plan's differentiated layers need; in training mode moving statistics are updated.
 */
export function forward(network: Network, plan: Plan, x: tf.Tensor, options: ForwardOptions): ForwardPass {
  const state = newState(network, plan, options);
  const { layers, output } = plan.graph;
  const stem = stemOf(plan);
  const batch = x.shape[0];
  const mixesBatch = stem.some((node) => usesBatchStatistics(state, node));
  const sliceSize = mixesBatch ? batch : sliceSizeOf(plan, stem, batch, options.sliceBytes);
  if (sliceSize < batch) {
    runStemInSlices(state, stem, x, sliceSize);
    runLayers(state, layers.slice(stem.length), x);
  } else {
    runLayers(state, layers, x);
  }
  return { ...state, logits: tensorOf(state, output) as tf.Tensor2D };
}

function newState(network: Network, plan: Plan, options: ForwardOptions): PassState {
  return { network, plan, options, outputs: new Map(), shapes: new Map(), saved: new Map() };
}

function runLayers(state: PassState, layers: LayerNode[], x: tf.Tensor): void {
  const { plan, outputs, shapes } = state;
  for (const node of layers) {
    const tensor = node.config.kind === 'input' ? x.clone() : runLayer(state, node);
    outputs.set(node.name, { tensor, reads: plan.reads.get(node.name) ?? 0 });
    shapes.set(node.name, [x.shape[0], ...node.outputShape]);
    for (const name of node.inputs) read(state, name);
  }
}

function runStemInSlices(state: PassState, stem: LayerNode[], x: tf.Tensor, sliceSize: number): void {
  const [batch, ...pictureShape] = x.shape;
  const pieces = new Map<string, tf.Tensor[]>();
  for (let start = 0; start < batch; start += sliceSize) {
    const count = Math.min(sliceSize, batch - start);
    const slice = newState(state.network, state.plan, state.options);
    const pictures = tf.slice(x, [start, 0, 0, 0], [count, ...pictureShape]);
    runLayers(slice, stem, pictures);
    pictures.dispose();
    // What is left is what the layers after the stem read.
    for (const [name, { tensor, reads }] of slice.outputs) {
      pieces.set(name, [...(pieces.get(name) ?? []), tensor]);
      state.outputs.set(name, { tensor, reads });
      state.shapes.set(name, [batch, ...shapeOf(slice, name).slice(1)]);
    }
  }
  for (const [name, parts] of pieces) {
    const { reads } = state.outputs.get(name) as Output;
    state.outputs.set(name, { tensor: tf.concat(parts, 0), reads });
    tf.dispose(parts);
  }
}

function runLayer(state: PassState, node: LayerNode): tf.Tensor {
  const { network, plan, saved } = state;
  const block = plan.blocks.get(node.name);
  if (block && canShareBlocks()) return appendToBlock(state, node, block.starts, block.width);
  const norm = plan.folded.get(node.name);
  if (norm && !usesBatchStatistics(state, norm)) return runFolded(state, node, norm);
  const isFolded = plan.folded.get(node.inputs[0]) === node && !usesBatchStatistics(state, node);
  if (isFolded) return tensorOf(state, node.inputs[0]).clone();

  const result = bindLayer(node).forward(contextOf(state, node));
  if (result.saved) {
    if (node.trainable && node.config.kind === 'batchNorm') {
      moveStatistics(network.weightsOf(node), result.saved, node.config.momentum, (mean, variance) => {
        network.setWeight(node.name, 'moving_mean', mean);
        network.setWeight(node.name, 'moving_variance', variance);
      });
    }
    if (plan.differentiated.has(node.name)) saved.set(node.name, result.saved);
    else tf.dispose(result.saved);
  }
  return result.output;
}

function appendToBlock(state: PassState, node: LayerNode, starts: boolean, width: number): tf.Tensor {
  const [before, appended] = node.inputs.map((name) => tensorOf(state, name));
  const block = starts ? startBlock(before, width) : before.clone();
  writeChannels(block, appended, shapeOf(state, node.inputs[0])[3]);
  return block;
}

/** A frozen convolution with the BatchNorm, and the ReLU, after it; their own nodes then pass the tensor through. */
function runFolded(state: PassState, node: LayerNode, norm: LayerNode): tf.Tensor {
  if (node.config.kind !== 'conv2d') throw new Error(`${node.name} has nothing to fold into`);
  const activation = state.plan.fused.has(norm.name) ? 'relu' : 'linear';
  const config = { ...node.config, useBias: true, activation } as const;
  const weights = state.network.foldedWeights(node, norm);
  return bindLayer({ ...node, config }).forward({ ...contextOf(state, node), weights }).output;
}

function contextOf(state: PassState, node: LayerNode): ForwardContext {
  return {
    inputs: node.inputs.map((name) => tensorOf(state, name)),
    inputShapes: node.inputs.map((name) => shapeOf(state, name)),
    weights: state.network.weightsOf(node),
    saved: state.saved.get(node.name) ?? null,
    batchStatistics: usesBatchStatistics(state, node),
    fuseRelu: state.plan.fused.has(node.name),
  };
}

function usesBatchStatistics({ options }: PassState, node: LayerNode): boolean {
  return (
    options.training && node.config.kind === 'batchNorm' && (node.trainable || options.frozenBatchNorm === 'batch')
  );
}

/**
 * Sends a gradient back through the differentiated layers and releases the pass.
 *
 * @param dLogits `[B, classes]`, stays the caller's.
 * @param onGradient receives each trainable weight's gradient and owns it. It may change the weight: everything that
 *   needed the old value has been computed.
 * @returns gradients with respect to the plan's targets, by layer name; they belong to the caller.
 */
export function backward(
  pass: ForwardPass,
  dLogits: tf.Tensor,
  onGradient: (spec: WeightSpec, gradient: WeightGradient) => void,
): Map<string, tf.Tensor> {
  const { plan, network, saved } = pass;
  const { graph, differentiated, targets, fused } = plan;
  const gradients = new Map<string, tf.Tensor>([[graph.output, dLogits.clone()]]);
  const isWanted = (name: string) => differentiated.has(name) || targets.has(name);

  for (const node of graph.layers.toReversed()) {
    const dy = gradients.get(node.name);
    if (node.config.kind === 'input' || !differentiated.has(node.name) || !dy) continue;
    gradients.delete(node.name);
    const block = plan.blocks.get(node.name);
    if (block && canShareBlocks()) {
      splitBlockGradient(pass, node, block.starts, dy, gradients);
      continue;
    }
    const layer = bindLayer(node);
    const keepsOutput = layer.keepsOutput(fused.has(node.name));
    const inputs = layer.keepsInputs ? node.inputs.map((name) => keptOrRecomputed(pass, name)) : [];
    const result = layer.backward({
      inputs,
      inputShapes: node.inputs.map((name) => shapeOf(pass, name)),
      into: node.inputs.length === 1 ? (gradients.get(node.inputs[0]) ?? null) : null,
      output: keepsOutput ? tensorOf(pass, node.name) : null,
      saved: saved.get(node.name) ?? null,
      weights: network.weightsOf(node),
      dy,
      batchStatistics: usesBatchStatistics(pass, node),
      fuseRelu: fused.has(node.name),
      wantInputs: node.inputs.some(isWanted),
      wantWeights: node.trainable && targets.size === 0,
    });
    dy.dispose();
    for (const [index, gradient] of result.inputs.entries()) {
      if (!gradient) continue;
      if (isWanted(node.inputs[index])) accumulate(gradients, node.inputs[index], gradient);
      else gradient.dispose();
    }
    for (const spec of node.weights) {
      const gradient = result.weights[spec.name];
      if (gradient) onGradient(spec, gradient);
    }
    tf.dispose(saved.get(node.name) ?? []);
    saved.delete(node.name);
    for (const [index, tensor] of inputs.entries()) {
      if (plan.recomputed.has(node.inputs[index])) tensor.dispose();
      else read(pass, node.inputs[index]);
    }
    if (keepsOutput) read(pass, node.name);
  }
  releasePass(pass);
  return gradients;
}

/** An input that the backward pass reads: kept since the forward pass, or else the caller's to free. */
function keptOrRecomputed(pass: ForwardPass, name: string): tf.Tensor {
  const { graph, recomputed } = pass.plan;
  const node = graph.byName.get(name);
  if (!node || !recomputed.has(name)) return tensorOf(pass, name);
  const norm = node.config.kind === 'batchNorm' ? node : graph.byName.get(node.inputs[0]);
  if (!norm) throw new Error(`Nothing to compute ${name} from`);
  return bindLayer(norm).forward(contextOf(pass, norm)).output;
}

/** The gradient of a block is handed on whole, for the layers before to add to its first channels. */
function splitBlockGradient(
  pass: ForwardPass,
  node: LayerNode,
  starts: boolean,
  dy: tf.Tensor,
  gradients: Map<string, tf.Tensor>,
): void {
  const [before, appended] = node.inputs;
  const first = shapeOf(pass, before)[3];
  if (pass.plan.differentiated.has(appended)) {
    accumulate(gradients, appended, readChannels(dy, first, shapeOf(pass, appended)[3]));
  }
  if (!pass.plan.differentiated.has(before)) dy.dispose();
  else if (starts) {
    accumulate(gradients, before, readChannels(dy, 0, first));
    dy.dispose();
  } else gradients.set(before, dy);
}

/** Frees whatever a pass still holds. */
export function releasePass({ outputs, saved }: ForwardPass): void {
  for (const { tensor } of outputs.values()) tensor.dispose();
  for (const tensors of saved.values()) tf.dispose(tensors);
  outputs.clear();
  saved.clear();
}

/** The output of a layer that the plan keeps (a target), valid until the pass is released. */
export function outputOf(pass: ForwardPass, layer: string): tf.Tensor {
  const tensor = tensorOf(pass, layer);
  const channels = shapeOf(pass, layer)[3];
  if (tensor.rank < 4 || tensor.shape[3] === channels) return tensor;
  const output = pass.outputs.get(layer) as Output;
  output.tensor = readChannels(tensor, 0, channels);
  tensor.dispose();
  return output.tensor;
}

function tensorOf({ outputs }: PassState, name: string): tf.Tensor {
  const output = outputs.get(name);
  if (!output) throw new Error(`The output of ${name} was freed or never computed`);
  return output.tensor;
}

function shapeOf({ shapes }: PassState, name: string): number[] {
  const shape = shapes.get(name);
  if (!shape) throw new Error(`${name} was never computed`);
  return shape;
}

function read({ outputs }: PassState, name: string): void {
  const output = outputs.get(name);
  if (!output) throw new Error(`The output of ${name} was read more often than counted`);
  output.reads -= 1;
  if (output.reads > 0) return;
  output.tensor.dispose();
  outputs.delete(name);
}

function accumulate(gradients: Map<string, tf.Tensor>, name: string, gradient: tf.Tensor): void {
  const before = gradients.get(name);
  if (!before) {
    gradients.set(name, gradient);
    return;
  }
  if (hasKernel('AddInto')) {
    tf.tidy(() => {
      runKernels('AddInto', { from: gradient, into: before }, {});
    });
  } else {
    gradients.set(name, tf.add(before, gradient));
    before.dispose();
  }
  gradient.dispose();
}
