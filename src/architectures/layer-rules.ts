/**
 * @file What each layer kind's passes read again, make and pass on, as plain data for plan, schedule, costs and estimate.
 *
 * The layers themselves (networks/layers) receive only what these rules say. That they allocate no more is checked by the tests of
 * the memory of full-size steps (training/full-size-memory.test.ts).
 */

import type { LayerConfig } from './graph';

/** Which gradients the backward pass of a layer has to compute. */
export interface Wants {
  /** The gradient of its inputs. */
  inputs: boolean;
  /** The gradient of its weights. */
  weights: boolean;
}

/** What the backward pass reads again of the forward pass. */
export interface ReadBack {
  inputs: boolean;
  output: boolean;
}

/** @param fuseRelu the layer is a BatchNorm that computes the ReLU after it, or that ReLU. */
export function readBack(config: LayerConfig, fuseRelu: boolean, wants: Wants): ReadBack {
  switch (config.kind) {
    case 'conv2d':
    case 'dense':
      return { inputs: wants.weights, output: masksGradient(config) };
    case 'batchNorm':
      // A fused ReLU is computed again from the input.
      return { inputs: true, output: false };
    case 'maxPool':
      return { inputs: wants.inputs, output: wants.inputs };
    case 'relu':
      return { inputs: false, output: wants.inputs && !fuseRelu };
    case 'input':
    case 'averagePool':
    case 'globalAveragePool':
    case 'zeroPad':
    case 'concatenate':
    case 'flatten':
      return { inputs: false, output: false };
    default:
      return config satisfies never;
  }
}

/** True for a layer with its own ReLU: its backward pass first makes a masked copy of the gradient. */
export function masksGradient(config: LayerConfig): boolean {
  return (config.kind === 'conv2d' || config.kind === 'dense') && config.activation === 'relu';
}

/** True when a layer computes nothing: its output is its input's buffer, and its input gradient is the output's gradient. */
export function passesOn({ kind }: LayerConfig, fuseRelu: boolean): boolean {
  return kind === 'flatten' || (kind === 'relu' && fuseRelu);
}

/** True when the backward pass adds to the gradient that other layers have sent to its input instead of making a tensor. */
export function addsInPlace({ kind }: LayerConfig): boolean {
  return kind === 'batchNorm';
}

/** True when the kernel's gradient stays two factors that exist anyway: see networks/weight-gradient.ts. */
export function factorsKernelGradient({ kind }: LayerConfig): boolean {
  return kind === 'dense';
}
