/**
 * @file What a network costs by arithmetic alone: floating-point operations and the bytes that must at least be moved.
 *
 * Operations are those of the products (convolutions and dense layers), a multiplication and its addition counted as two,
 * as the literature counts them; all else (biases, normalization, pooling) is bounded by the bytes. Bytes are a floor:
 * float32, every tensor written once and read once by each layer that needs it, no gradient of a weight ever
 * stored (the update uses it as it is computed), no copy for a concatenation.
 */

import { sizeOf } from '../domain/architecture';
import { type OptimizerSettings, slotCount } from '../domain/recipe';
import type { Graph, LayerKind, LayerNode } from './graph';
import { passesOn, readBack } from './layer-rules';
import { type Plan, planInference, wantsOf } from './plan';

export interface LayerCost {
  name: string;
  forwardFlops: number;
  /** 0 for frozen layers and for those without weights. */
  weightGradientFlops: number;
  /** 0 where it is not needed: at the first differentiated layer. */
  inputGradientFlops: number;
  forwardBytes: number;
  backwardBytes: number;
  /** Bytes of the optimizer's update: trainable weights and their slots, read and written. */
  updateBytes: number;
}

export interface Cost {
  flops: number;
  bytes: number;
}

const FLOAT_BYTES = 4;
/** Layers that write no output themselves: the caller writes the input, and the layers before a concatenation write theirs. */
const WRITTEN_IN_PLACE = new Set<LayerKind>(['input', 'concatenate']);

/** One training step of `batch` images, layer by layer. */
export function layerCosts(plan: Plan, batch: number, optimizer: OptimizerSettings): LayerCost[] {
  const slots = slotCount(optimizer);
  return plan.graph.layers.map((node) => {
    const inputs = node.inputs.map((name) => plan.graph.byName.get(name)?.outputShape ?? []);
    const inputBytes = batch * FLOAT_BYTES * inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
    const outputBytes = batch * FLOAT_BYTES * sizeOf(node.outputShape);
    const weightBytes = FLOAT_BYTES * node.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const trainedBytes =
      FLOAT_BYTES * node.weights.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
    const forwardFlops = 2 * batch * productsOf(node);
    const fuseRelu = plan.fused.has(node.name);
    const wants = wantsOf(plan, node);
    const isView = WRITTEN_IN_PLACE.has(node.config.kind) || passesOn(node.config, fuseRelu);
    const again = readBack(node.config, fuseRelu, wants);
    const backwardBytes =
      outputBytes +
      (wants.inputs ? inputBytes + kernelBytesOf(node) : 0) +
      (again.inputs ? inputBytes : 0) +
      (again.output ? outputBytes : 0);
    return {
      name: node.name,
      forwardFlops,
      weightGradientFlops: wants.weights ? forwardFlops : 0,
      inputGradientFlops: wants.inputs ? forwardFlops : 0,
      forwardBytes: isView ? 0 : inputBytes + outputBytes + weightBytes,
      backwardBytes: isView || !(wants.inputs || wants.weights) ? 0 : backwardBytes,
      updateBytes: wants.weights ? trainedBytes * 2 * (1 + slots) : 0,
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
