/**
 * @file A graph as Keras' configuration of a functional model, in the form of Keras 2.
 *
 * Keras 2, Keras 3 (`load_model` of an `.h5` file) and TensorFlow.js all build the same layers from it. Settings left
 * out have their defaults in all three. The exported model takes pixels divided by 255. Where the network was trained on
 * another scaling, a `Rescaling` layer behind the input computes it.
 */

import type { Graph, LayerConfig, LayerNode } from '../architectures/graph';
import { type InputScaling, isUnitScaling, UNIT_PIXEL, UNIT_SCALING } from '../domain/input-scaling';
import type { KerasLayerConfig, KerasModel } from './keras-model';

/** Channels are the last axis of a batch of feature maps `[B, H, W, C]`. */
const CHANNEL_AXIS = 3;

/** The layer that computes a run's input scaling from pixels divided by 255; an import recognises it by this name. */
export const UNIT_RESCALING = 'rescaling_of_unit_input';

/**
 * The configuration of a network with its weights, for both exports.
 * @param scaling what the first layer gets from pixels 0..255
 */
export function kerasModelOf(graph: Graph, scaling: InputScaling = UNIT_SCALING): KerasModel {
  const own = graph.layers.map((node) => ({ config: layerConfig(node), weights: node.weights }));
  const layers = isUnitScaling(scaling) ? own : withRescaling(own, graph.input, scaling);
  const config = {
    name: graph.network,
    trainable: true,
    layers: layers.map((layer) => layer.config),
    input_layers: [[graph.input, 0, 0]],
    output_layers: [[graph.output, 0, 0]],
  };
  return { layers, config: { class_name: 'Functional', config } };
}

function withRescaling(
  [input, ...others]: KerasModel['layers'],
  inputName: string,
  { scale, offset }: InputScaling,
): KerasModel['layers'] {
  const config: KerasLayerConfig = {
    class_name: 'Rescaling',
    name: UNIT_RESCALING,
    config: {
      name: UNIT_RESCALING,
      trainable: true,
      dtype: 'float32',
      scale: oneOrEach(scale.map((factor) => factor * UNIT_PIXEL)),
      offset: oneOrEach(offset),
    },
    inbound_nodes: [[[inputName, 0, 0, {}]]],
  };
  const behind = others.map((layer) => ({
    ...layer,
    config: {
      ...layer.config,
      inbound_nodes: layer.config.inbound_nodes.map((node) =>
        node.map(([name, ...rest]): (typeof node)[number] => [name === inputName ? UNIT_RESCALING : name, ...rest]),
      ),
    },
  }));
  return [input, { config, weights: [] }, ...behind];
}

/** One number for all channels, or a list of one each, as Keras' layers take them. */
function oneOrEach(values: readonly number[]): number | number[] {
  return values.every((value) => value === values[0]) ? values[0] : [...values];
}

function layerConfig({ name, config, inputs, trainable }: LayerNode): KerasLayerConfig {
  const { className, settings } = describeLayer(config);
  const common = config.kind === 'input' ? { name, dtype: 'float32' } : { name, trainable, dtype: 'float32' };
  return {
    class_name: className,
    name,
    config: { ...common, ...settings },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
  };
}

function describeLayer(config: LayerConfig): { className: string; settings: Record<string, unknown> } {
  switch (config.kind) {
    case 'input':
      return {
        className: 'InputLayer',
        settings: { batch_input_shape: [null, ...config.shape], sparse: false, ragged: false },
      };
    case 'conv2d':
      return {
        className: 'Conv2D',
        settings: {
          filters: config.filters,
          kernel_size: config.kernel,
          strides: [config.strides, config.strides],
          padding: config.padding,
          data_format: 'channels_last',
          activation: config.activation,
          use_bias: config.useBias,
        },
      };
    case 'batchNorm':
      return {
        className: 'BatchNormalization',
        settings: {
          axis: CHANNEL_AXIS,
          momentum: config.momentum,
          epsilon: config.epsilon,
          center: true,
          scale: config.scale,
        },
      };
    case 'relu':
      return { className: 'Activation', settings: { activation: 'relu' } };
    case 'maxPool':
      return { className: 'MaxPooling2D', settings: poolSettings(config) };
    case 'averagePool':
      return { className: 'AveragePooling2D', settings: poolSettings(config) };
    case 'globalAveragePool':
      return { className: 'GlobalAveragePooling2D', settings: { data_format: 'channels_last' } };
    case 'zeroPad': {
      const sides = [config.padding, config.padding];
      return { className: 'ZeroPadding2D', settings: { padding: [sides, sides], data_format: 'channels_last' } };
    }
    case 'concatenate':
      return { className: 'Concatenate', settings: { axis: CHANNEL_AXIS } };
    case 'flatten':
      return { className: 'Flatten', settings: { data_format: 'channels_last' } };
    case 'dense':
      return { className: 'Dense', settings: { units: config.units, activation: config.activation, use_bias: true } };
    default:
      return config satisfies never;
  }
}

function poolSettings({ size, strides, padding }: { size: number; strides: number; padding: string }) {
  return { pool_size: [size, size], strides: [strides, strides], padding, data_format: 'channels_last' };
}
