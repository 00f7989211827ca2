/** @file The same network as anyone would write it with `tf.layers`. */

import * as tf from '@tensorflow/tfjs';
import type { Graph, LayerNode } from '../architectures/graph';
import type { Network } from '../networks/network';

type Layer = InstanceType<typeof tf.layers.Layer>;

/** With TensorFlow.js' own initial weights; see {@link takeWeights}. Layers have the graph's names. */
export function buildStockModel(graph: Graph): tf.LayersModel {
  const outputs = new Map<string, tf.SymbolicTensor>();
  for (const node of graph.layers) {
    if (node.config.kind === 'input') {
      outputs.set(node.name, tf.input({ shape: node.config.shape, name: node.name }));
      continue;
    }
    const inputs = node.inputs.map((name) => symbolOf(outputs, name));
    const layer = layerOf(node);
    outputs.set(node.name, layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor);
  }
  return tf.model({ inputs: symbolOf(outputs, graph.input), outputs: symbolOf(outputs, graph.output) });
}

/** Copies every weight of `network`, which must be on the same backend, to the model's layer of the same name. */
export function takeWeights(model: tf.LayersModel, network: Network): void {
  for (const node of network.graph.layers) {
    if (node.weights.length === 0) continue;
    const layer = model.getLayer(node.name);
    const weights = node.weights.map((spec) => network.weight(spec));
    if (node.config.kind !== 'batchNorm' || node.config.scale) {
      layer.setWeights(weights);
      continue;
    }
    const ones = tf.onesLike(weights[0]);
    layer.setWeights([ones, ...weights]);
    ones.dispose();
    holdConstant(layer);
  }
}

/** Gamma, which the network does not have, is not trained. */
function holdConstant(layer: Layer): void {
  const gamma = layer.trainableWeights.find(({ originalName }) => originalName.endsWith('gamma'));
  if (gamma) gamma.trainable = false;
}

function symbolOf(outputs: Map<string, tf.SymbolicTensor>, name: string): tf.SymbolicTensor {
  const found = outputs.get(name);
  if (!found) throw new Error(`No layer named ${name}`);
  return found;
}

function layerOf({ name, config, trainable }: LayerNode): Layer {
  switch (config.kind) {
    case 'conv2d': {
      const { filters, kernel, strides, padding, useBias, activation } = config;
      const kernelSize: [number, number] = [...kernel];
      return tf.layers.conv2d({ name, trainable, filters, kernelSize, strides, padding, useBias, activation });
    }
    case 'batchNorm': {
      const { epsilon, momentum } = config;
      // TensorFlow.js 4.22 cannot differentiate BatchNorm without gamma (it saves the missing tensor): a constant one.
      const layer = tf.layers.batchNormalization({ name, trainable, epsilon, momentum, scale: true });
      return trainable ? layer : inInferenceMode(layer);
    }
    case 'relu':
      return tf.layers.activation({ name, activation: 'relu' });
    case 'maxPool':
      return tf.layers.maxPooling2d({ name, poolSize: config.size, strides: config.strides, padding: config.padding });
    case 'averagePool':
      return tf.layers.averagePooling2d({
        name,
        poolSize: config.size,
        strides: config.strides,
        padding: config.padding,
      });
    case 'globalAveragePool':
      return tf.layers.globalAveragePooling2d({ name });
    case 'zeroPad':
      return tf.layers.zeroPadding2d({
        name,
        padding: [
          [config.padding, config.padding],
          [config.padding, config.padding],
        ],
      });
    case 'concatenate':
      return tf.layers.concatenate({ name, axis: -1 });
    case 'flatten':
      return tf.layers.flatten({ name });
    case 'dense':
      return tf.layers.dense({ name, trainable, units: config.units, activation: config.activation });
    case 'input':
      throw new Error('The input is no layer to apply');
    default:
      return config satisfies never;
  }
}

/** As Keras has it from 2.4 on. tf.layers would take the batch's statistics, which are other numbers and more work. */
function inInferenceMode(layer: Layer): Layer {
  const call = layer.call.bind(layer);
  layer.call = (inputs, options) => call(inputs, { ...options, training: false });
  return layer;
}
