/**
 * @file Forward and backward passes over a graph.
 *
 * Every tensor is counted by how often it will still be read and freed at the last read; the backward pass hands out
 * each weight's gradient as soon as it exists, so that it can be applied and freed before the next one is computed.
 */

import type * as tf from '@tensorflow/tfjs';
import { add } from '@tensorflow/tfjs';
import type { WeightSpec } from '../domain/architecture';
import type { LayerNode } from './graph';
import { movedStatistics } from './layers/batch-norm';
import { bindLayer } from './layers/layers';
import type { Network } from './network';
import type { Plan } from './plan';

/** What a forward pass keeps for the backward pass. Ends in {@link backward} or {@link releasePass}. */
export interface ForwardPass {
  /** `[B, classes]`, before the softmax. */
  logits: tf.Tensor2D;
  plan: Plan;
  network: Network;
  outputs: Map<string, CountedTensor>;
  shapes: Map<string, number[]>;
  saved: Map<string, tf.Tensor[]>;
  usesBatchStatistics: (node: LayerNode) => boolean;
}

interface CountedTensor {
  tensor: tf.Tensor;
  reads: number;
}

export interface ForwardOptions {
  /** Dropout-free networks: the only difference is BatchNorm's statistics and their moving averages. */
  training: boolean;
  /** What frozen BatchNorm layers use while training. */
  frozenBatchNorm?: 'loaded' | 'batch';
}

/**
 * @param x `[B, H, W, 3]`, stays the caller's.
 * @returns logits and what the plan's differentiated layers need; in training mode moving statistics are updated.
 */
export function forward(network: Network, plan: Plan, x: tf.Tensor, options: ForwardOptions): ForwardPass {
  const { graph, differentiated, fused } = plan;
  const usesBatchStatistics = (node: LayerNode) =>
    options.training && node.config.kind === 'batchNorm' && (node.trainable || options.frozenBatchNorm === 'batch');
  const outputs = new Map<string, CountedTensor>();
  const shapes = new Map<string, number[]>();
  const saved = new Map<string, tf.Tensor[]>();

  for (const node of graph.layers) {
    let output: tf.Tensor;
    if (node.config.kind === 'input') {
      output = x.clone();
    } else {
      const result = bindLayer(node).forward({
        inputs: node.inputs.map((name) => tensorOf(outputs, name)),
        weights: network.weightsOf(node),
        batchStatistics: usesBatchStatistics(node),
        fuseRelu: fused.has(node.name),
      });
      output = result.output;
      if (result.saved) {
        if (node.trainable) updateMovingStatistics(network, node, result.saved);
        if (differentiated.has(node.name)) saved.set(node.name, result.saved);
        else for (const tensor of result.saved) tensor.dispose();
      }
    }
    outputs.set(node.name, { tensor: output, reads: plan.reads.get(node.name) ?? 0 });
    shapes.set(node.name, output.shape);
    for (const name of node.inputs) read(outputs, name);
  }
  const logits = tensorOf(outputs, graph.output) as tf.Tensor2D;
  return { logits, plan, network, outputs, shapes, saved, usesBatchStatistics };
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
  onGradient: (spec: WeightSpec, gradient: tf.Tensor) => void,
): Map<string, tf.Tensor> {
  const { plan, network, outputs, shapes, saved, usesBatchStatistics } = pass;
  const { graph, differentiated, targets, fused } = plan;
  const gradients = new Map<string, tf.Tensor>([[graph.output, dLogits.clone()]]);

  for (const node of graph.layers.toReversed()) {
    const dy = gradients.get(node.name);
    if (node.config.kind === 'input' || !differentiated.has(node.name) || !dy) continue;
    gradients.delete(node.name);
    const layer = bindLayer(node);
    const keepsOutput = layer.keepsOutput(fused.has(node.name));
    const isWanted = (name: string) => differentiated.has(name) || targets.has(name);
    const result = layer.backward({
      inputs: layer.keepsInputs ? node.inputs.map((name) => tensorOf(outputs, name)) : [],
      inputShapes: node.inputs.map((name) => shapes.get(name) ?? []),
      output: keepsOutput ? tensorOf(outputs, node.name) : null,
      saved: saved.get(node.name) ?? null,
      weights: network.weightsOf(node),
      dy,
      batchStatistics: usesBatchStatistics(node),
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
    for (const tensor of saved.get(node.name) ?? []) tensor.dispose();
    saved.delete(node.name);
    if (layer.keepsInputs) for (const name of node.inputs) read(outputs, name);
    if (keepsOutput) read(outputs, node.name);
  }
  releasePass(pass);
  return gradients;
}

/** Frees whatever a pass still holds. */
export function releasePass({ outputs, saved }: ForwardPass): void {
  for (const { tensor } of outputs.values()) tensor.dispose();
  for (const tensors of saved.values()) for (const tensor of tensors) tensor.dispose();
  outputs.clear();
  saved.clear();
}

/** The output of a layer that the plan keeps (a target), valid until the pass is released. */
export function outputOf(pass: ForwardPass, layer: string): tf.Tensor {
  return tensorOf(pass.outputs, layer);
}

function tensorOf(outputs: Map<string, CountedTensor>, name: string): tf.Tensor {
  const counted = outputs.get(name);
  if (!counted) throw new Error(`The output of ${name} was freed or never computed`);
  return counted.tensor;
}

function read(outputs: Map<string, CountedTensor>, name: string): void {
  const counted = outputs.get(name);
  if (!counted) throw new Error(`The output of ${name} was read more often than counted`);
  counted.reads -= 1;
  if (counted.reads > 0) return;
  counted.tensor.dispose();
  outputs.delete(name);
}

function accumulate(gradients: Map<string, tf.Tensor>, name: string, gradient: tf.Tensor): void {
  const before = gradients.get(name);
  if (!before) {
    gradients.set(name, gradient);
    return;
  }
  gradients.set(name, add(before, gradient));
  before.dispose();
  gradient.dispose();
}

function updateMovingStatistics(network: Network, node: LayerNode, [mean, variance]: tf.Tensor[]): void {
  if (node.config.kind !== 'batchNorm') return;
  const { moving_mean, moving_variance } = network.weightsOf(node);
  if (!moving_mean || !moving_variance) return;
  const [movedMean, movedVariance] = movedStatistics(
    [moving_mean, moving_variance],
    [mean, variance],
    node.config.momentum,
  );
  network.setWeight(node.name, 'moving_mean', movedMean);
  network.setWeight(node.name, 'moving_variance', movedVariance);
}
