/** @file A graph together with its weights on the device. */

import * as tf from '@tensorflow/tfjs';
import { type Graph, type LayerNode, weightSpecs } from '../architectures/graph';
import { PART_BYTES } from '../architectures/part-rows';
import { sizeOf, type WeightName, type WeightSpec, weightKey } from '../domain/architecture';
import { type FoldedWeights, foldBatchNorm } from './fold-batch-norm';
import type { LayerWeights } from './layers/layer';
import { disposeParts, makeParts, type SplitTensor } from './split-tensor';

/** A graph's weights as tensors on the active backend. The network owns and frees them. */
export class Network {
  private readonly weights = new Map<string, SplitTensor>();
  /** By convolution; made when first asked for, dropped when a weight is replaced. */
  private readonly folded = new Map<string, FoldedWeights>();

  /** @param partBytes weights beyond it are kept in parts; tests make it small. */
  constructor(
    readonly graph: Graph,
    private readonly partBytes = PART_BYTES,
  ) {}

  /** All weights of one layer, by name; the kernel of a dense layer in its parts. */
  weightsOf(node: LayerNode): LayerWeights {
    const result: LayerWeights = {};
    for (const spec of node.weights) {
      if (spec.name === 'kernel' && node.config.kind === 'dense') result.kernelParts = this.split(spec).parts;
      else result[spec.name] = this.weight(spec);
    }
    return result;
  }

  /** @throws {Error} when it was never set: a defect, since a network is filled before it is used. */
  split(spec: Pick<WeightSpec, 'layer' | 'name'>): SplitTensor {
    const split = this.weights.get(weightKey(spec));
    if (!split) throw new Error(`Weight ${weightKey(spec)} was never set`);
    return split;
  }

  /** A weight in one piece, as all but the largest dense kernels are. */
  weight(spec: Pick<WeightSpec, 'layer' | 'name'>): tf.Tensor {
    const { parts } = this.split(spec);
    if (parts.length > 1) throw new Error(`Weight ${weightKey(spec)} is kept in ${parts.length} parts`);
    return parts[0];
  }

  /** The weights of a frozen convolution with the frozen BatchNorm after it folded in; the network still owns them. */
  foldedWeights(convolution: LayerNode, batchNorm: LayerNode): FoldedWeights {
    let folded = this.folded.get(convolution.name);
    if (!folded) {
      const kernel = this.weight({ layer: convolution.name, name: 'kernel' });
      folded = foldBatchNorm(kernel, batchNorm, this.weightsOf(batchNorm));
      this.folded.set(convolution.name, folded);
    }
    return folded;
  }

  /** Takes ownership of `tensor` and frees the one it replaces, the weight or one of its parts. */
  setWeight(layer: string, name: WeightName, tensor: tf.Tensor, part = 0): void {
    const key = weightKey({ layer, name });
    const split = this.weights.get(key);
    if (!split) {
      this.weights.set(key, { shape: tensor.shape, parts: [tf.keep(tensor)] });
      return;
    }
    this.dropFolded();
    split.parts[part].dispose();
    split.parts[part] = tf.keep(tensor);
  }

  /** Uploads one weight; its length must be that of the shape. */
  loadWeight(spec: WeightSpec, values: Float32Array): void {
    if (values.length !== sizeOf(spec.shape)) {
      throw new Error(`Weight ${weightKey(spec)} has ${values.length} values, not ${sizeOf(spec.shape)}`);
    }
    let start = 0;
    this.fillWeight(spec, (length) => {
      start += length;
      return values.subarray(start - length, start);
    });
  }

  /** Uploads one weight part by part; `next` gives as many values as it is asked for, in order. */
  fillWeight(spec: WeightSpec, next: (length: number) => Float32Array): void {
    const key = weightKey(spec);
    this.dropFolded();
    const before = this.weights.get(key);
    this.weights.set(
      key,
      makeParts(spec.shape, (shape) => tf.tensor(next(sizeOf(shape)), shape), this.partBytes),
    );
    if (before) disposeParts(before);
  }

  /** Every weight, in Keras' order. */
  *entries(): Iterable<[WeightSpec, SplitTensor]> {
    for (const spec of weightSpecs(this.graph)) yield [spec, this.split(spec)];
  }

  dispose(): void {
    this.dropFolded();
    for (const split of this.weights.values()) disposeParts(split);
    this.weights.clear();
  }

  /** Folded weights are made anew when they are next asked for. */
  dropFolded(): void {
    for (const { kernel, bias } of this.folded.values()) tf.dispose([kernel, bias]);
    this.folded.clear();
  }
}
