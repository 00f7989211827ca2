/** @file How an architecture file describes its graph: one method per layer kind, names as Keras gives them. */

import type { WeightName, WeightSpec } from '../domain/architecture';
import type { NetworkId } from '../domain/network';
import type { Activation, ConfigOf, Graph, LayerConfig, LayerNode, Padding } from './graph';
import { inKerasOrder } from './keras-order';
import { outputShapeOf } from './output-shape';

/** Collects layers in the order they are added; every method returns the new layer's name. */
export class GraphBuilder {
  private readonly nodes = new Map<string, LayerNode>();
  private readonly autoNames = new Map<string, number>();
  private part: 'base' | 'head' = 'base';

  /** `shape` is `[height, width, channels]`. */
  input(shape: [number, number, number]): string {
    return this.add('input_layer', { kind: 'input', shape }, []);
  }

  /** Everything added from here on belongs to the notebook's head; Keras numbers its automatic names anew there. */
  beginHead(): void {
    this.part = 'head';
    this.autoNames.clear();
  }

  conv2d(
    x: string,
    options: Partial<Omit<ConfigOf<'conv2d'>, 'kind' | 'filters' | 'kernel'>> & {
      filters: number;
      kernel: number | [number, number];
      name?: string;
    },
  ): string {
    const { name, kernel, ...rest } = options;
    const config: ConfigOf<'conv2d'> = {
      kind: 'conv2d',
      strides: 1,
      padding: 'valid',
      useBias: true,
      activation: 'linear',
      ...rest,
      kernel: typeof kernel === 'number' ? [kernel, kernel] : kernel,
    };
    return this.add(name ?? this.autoName('conv2d'), config, [x]);
  }

  batchNorm(x: string, options: { epsilon: number; momentum?: number; scale?: boolean; name?: string }): string {
    const { name, epsilon, momentum = 0.99, scale = true } = options;
    const config: LayerConfig = { kind: 'batchNorm', epsilon, momentum, scale };
    return this.add(name ?? this.autoName('batch_normalization'), config, [x]);
  }

  relu(x: string, name?: string): string {
    return this.add(name ?? this.autoName('activation'), { kind: 'relu' }, [x]);
  }

  maxPool(x: string, options: { size: number; strides: number; padding?: Padding; name?: string }): string {
    const { name, size, strides, padding = 'valid' } = options;
    return this.add(name ?? this.autoName('max_pooling2d'), { kind: 'maxPool', size, strides, padding }, [x]);
  }

  averagePool(x: string, options: { size: number; strides: number; padding?: Padding; name?: string }): string {
    const { name, size, strides, padding = 'valid' } = options;
    return this.add(name ?? this.autoName('average_pooling2d'), { kind: 'averagePool', size, strides, padding }, [x]);
  }

  globalAveragePool(x: string, name: string): string {
    return this.add(name, { kind: 'globalAveragePool' }, [x]);
  }

  zeroPad(x: string, padding: number): string {
    return this.add(this.autoName('zero_padding2d'), { kind: 'zeroPad', padding }, [x]);
  }

  concatenate(inputs: string[], name?: string): string {
    return this.add(name ?? this.autoName('concatenate'), { kind: 'concatenate' }, inputs);
  }

  flatten(x: string): string {
    return this.add(this.autoName('flatten'), { kind: 'flatten' }, [x]);
  }

  dense(x: string, options: { units: number; activation: Activation; name?: string }): string {
    const { name, units, activation } = options;
    return this.add(name ?? this.autoName('dense'), { kind: 'dense', units, activation }, [x]);
  }

  /**
   * @param featureMap the layer Grad-CAM reads.
   * @param isTrainable which layers learn, by place in Keras' order of the base (head layers always learn).
   */
  finish(
    network: NetworkId,
    output: string,
    featureMap: string,
    isTrainable: (index: number, baseLayers: LayerNode[]) => boolean = () => true,
  ): Graph {
    const layers = inKerasOrder(this.nodes, output);
    const base = layers.filter((node) => node.part === 'base');
    for (const [index, node] of base.entries()) {
      if (!isTrainable(index, base)) freeze(node);
    }
    return {
      network,
      layers,
      byName: new Map(layers.map((node) => [node.name, node])),
      input: layers[0].name,
      output,
      featureMap,
    };
  }

  private add(name: string, config: LayerConfig, inputs: string[]): string {
    if (this.nodes.has(name)) throw new Error(`Two layers named ${name}`);
    const inputShapes = inputs.map((input) => this.shapeOf(input));
    const outputShape = outputShapeOf(name, config, inputShapes);
    const weights = weightsOf(name, config, inputShapes[0] ?? []);
    this.nodes.set(name, { name, config, inputs, outputShape, weights, trainable: true, part: this.part });
    return name;
  }

  private shapeOf(name: string): number[] {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`No layer named ${name}`);
    return node.outputShape;
  }

  /** Keras' automatic names: `conv2d`, `conv2d_1`, `conv2d_2`, ... */
  private autoName(stem: string): string {
    const count = this.autoNames.get(stem) ?? 0;
    this.autoNames.set(stem, count + 1);
    return count === 0 ? stem : `${stem}_${count}`;
  }
}

/** Weights of a layer in the order Keras keeps them. */
function weightsOf(layer: string, config: LayerConfig, inputShape: number[]): WeightSpec[] {
  const weight = (name: WeightName, shape: number[], trainable = true): WeightSpec => ({
    layer,
    name,
    shape,
    trainable,
  });
  const channels = inputShape[inputShape.length - 1];
  switch (config.kind) {
    case 'conv2d': {
      const kernel = weight('kernel', [...config.kernel, channels, config.filters]);
      return config.useBias ? [kernel, weight('bias', [config.filters])] : [kernel];
    }
    case 'dense':
      return [weight('kernel', [channels, config.units]), weight('bias', [config.units])];
    case 'batchNorm': {
      const statistics = [weight('moving_mean', [channels], false), weight('moving_variance', [channels], false)];
      const shift = weight('beta', [channels]);
      return config.scale ? [weight('gamma', [channels]), shift, ...statistics] : [shift, ...statistics];
    }
    default:
      return [];
  }
}

function freeze(node: LayerNode): void {
  node.trainable = false;
  node.weights = node.weights.map((weight) => ({ ...weight, trainable: false }));
}
