/**
 * @file What a network costs by arithmetic alone: floating-point operations and the bytes that must at least be moved.
 *
 * Operations are those of the products (convolutions and dense layers), a multiplication and its addition counted as two,
 * as the literature counts them; all else (biases, normalization, pooling) is bounded by the bytes. Bytes are a floor:
 * float32, every tensor read once by who needs it and written once, nothing read twice, no gradient of a weight ever
 * stored (the update takes it as it is computed), no copy for a concatenation.
 */

import type { Graph, LayerNode } from '../architectures/graph';
import { sizeOf } from '../domain/architecture';
import type { OptimizerSettings } from '../domain/recipe';
import { type Plan, planInference } from './plan';

export interface LayerCost {
  name: string;
  forwardFlops: number;
  /** 0 for frozen layers and for those without weights. */
  weightGradientFlops: number;
  /** 0 where nobody asks for it: at the first differentiated layer. */
  inputGradientFlops: number;
  forwardBytes: number;
  backwardBytes: number;
  /** Of the optimizer: trainable weights and their slots, read and written. */
  updateBytes: number;
}

export interface Cost {
  flops: number;
  bytes: number;
}

const FLOAT_BYTES = 4;
/** Layers whose output is but another way to see their input: shapes, and slices of one buffer. */
const VIEWS = new Set<LayerNode['config']['kind']>(['input', 'flatten', 'concatenate']);

/** One training step of `batch` images, layer by layer. */
export function layerCosts(plan: Plan, batch: number, optimizer: OptimizerSettings): LayerCost[] {
  const slots = optimizer.kind === 'adam' ? 2 : optimizer.momentum > 0 ? 1 : 0;
  return plan.graph.layers.map((node) => {
    const inputs = node.inputs.map((name) => plan.graph.byName.get(name)?.outputShape ?? []);
    const inputBytes = batch * FLOAT_BYTES * inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
    const outputBytes = batch * FLOAT_BYTES * sizeOf(node.outputShape);
    const weightBytes = FLOAT_BYTES * node.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const trainedBytes =
      FLOAT_BYTES * node.weights.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
    const forwardFlops = 2 * batch * productsOf(node);
    const differentiated = plan.differentiated.has(node.name);
    const wantsWeights = differentiated && trainedBytes > 0;
    const wantsInputs =
      differentiated && node.inputs.some((name) => plan.differentiated.has(name) || plan.targets.has(name));
    const isView = VIEWS.has(node.config.kind) || (node.config.kind === 'relu' && plan.fused.has(node.name));
    const gradientBytes = wantsWeights || wantsInputs ? outputBytes : 0;
    const kept = keptForBackward(node, plan.fused.has(node.name), wantsWeights, wantsInputs);
    const backwardBytes =
      gradientBytes +
      (wantsInputs ? inputBytes + kernelBytesOf(node) : 0) +
      (kept.inputs ? inputBytes : 0) +
      (kept.output ? outputBytes : 0);
    return {
      name: node.name,
      forwardFlops,
      weightGradientFlops: wantsWeights ? forwardFlops : 0,
      inputGradientFlops: wantsInputs ? forwardFlops : 0,
      forwardBytes: isView ? 0 : inputBytes + outputBytes + weightBytes,
      backwardBytes: isView ? 0 : backwardBytes,
      updateBytes: wantsWeights ? trainedBytes * 2 * (1 + slots) : 0,
    };
  });
}

/** One training step of `batch` images. */
export function trainingStepCost(plan: Plan, batch: number, optimizer: OptimizerSettings): Cost {
  return layerCosts(plan, batch, optimizer).reduce(
    (sum, layer) => ({
      flops: sum.flops + layer.forwardFlops + layer.weightGradientFlops + layer.inputGradientFlops,
      bytes: sum.bytes + layer.forwardBytes + layer.backwardBytes + layer.updateBytes,
    }),
    { flops: 0, bytes: 0 },
  );
}

/** One forward pass of `batch` images. */
export function forwardCost(graph: Graph, batch: number): Cost {
  return trainingStepCost(planInference(graph), batch, { kind: 'sgd', learningRate: 0, momentum: 0 });
}

/** Multiplications of one image. */
function productsOf({ config, weights, outputShape }: LayerNode): number {
  if (config.kind === 'dense') return sizeOf(weights[0].shape);
  // Each output pixel multiplies the whole kernel once.
  return config.kind === 'conv2d' ? outputShape[0] * outputShape[1] * sizeOf(weights[0].shape) : 0;
}

/** The input gradient reads the kernel, not the bias. */
function kernelBytesOf({ weights }: LayerNode): number {
  const kernel = weights.find(({ name }) => name === 'kernel');
  return kernel ? FLOAT_BYTES * sizeOf(kernel.shape) : 0;
}

/** What the backward pass reads again of the forward pass. */
function keptForBackward(
  { config }: LayerNode,
  fuseRelu: boolean,
  wantsWeights: boolean,
  wantsInputs: boolean,
): { inputs: boolean; output: boolean } {
  const any = wantsWeights || wantsInputs;
  switch (config.kind) {
    case 'conv2d':
    case 'dense':
      return { inputs: wantsWeights, output: any && config.activation === 'relu' };
    case 'batchNorm':
      return { inputs: any, output: any && fuseRelu };
    case 'maxPool':
      return { inputs: wantsInputs, output: wantsInputs };
    case 'relu':
      return { inputs: false, output: wantsInputs };
    default:
      return { inputs: false, output: false };
  }
}
