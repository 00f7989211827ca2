/** @file A graph together with its weights on the device. */

import * as tf from '@tensorflow/tfjs';
import { sizeOf, type WeightName, type WeightSpec, weightKey } from '../domain/architecture';
import { type Graph, type LayerNode, weightSpecs } from './graph';
import type { LayerWeights } from './layers/layer';

export class Network {
  private readonly weights = new Map<string, tf.Tensor>();

  constructor(readonly graph: Graph) {}

  /** All weights of one layer, by name. */
  weightsOf(node: LayerNode): LayerWeights {
    const result: LayerWeights = {};
    for (const spec of node.weights) result[spec.name] = this.weight(spec);
    return result;
  }

  /** @throws {Error} when it was never set: a defect, since a network is filled before it is used. */
  weight(spec: Pick<WeightSpec, 'layer' | 'name'>): tf.Tensor {
    const tensor = this.weights.get(weightKey(spec));
    if (!tensor) throw new Error(`Weight ${weightKey(spec)} was never set`);
    return tensor;
  }

  /** Takes ownership of `tensor` and frees the one it replaces. */
  setWeight(layer: string, name: WeightName, tensor: tf.Tensor): void {
    const key = weightKey({ layer, name });
    this.weights.get(key)?.dispose();
    this.weights.set(key, tf.keep(tensor));
  }

  /** Uploads one weight; its length must be that of the shape. */
  loadWeight(spec: WeightSpec, values: Float32Array): void {
    if (values.length !== sizeOf(spec.shape)) {
      throw new Error(`Weight ${weightKey(spec)} has ${values.length} values, not ${sizeOf(spec.shape)}`);
    }
    this.setWeight(spec.layer, spec.name, tf.tensor(values, spec.shape));
  }

  /** Every weight with its tensor, in Keras' order. */
  *entries(): Iterable<[WeightSpec, tf.Tensor]> {
    for (const spec of weightSpecs(this.graph)) yield [spec, this.weight(spec)];
  }

  dispose(): void {
    for (const tensor of this.weights.values()) tensor.dispose();
    this.weights.clear();
  }
}
