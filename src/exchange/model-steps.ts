/**
 * @file What a model computes, step by step, in an order that depends on its connections alone.
 *
 * Two models that compute the same from the same weights have the same steps, whatever their layers are called, however
 * they are nested, and whether an activation is a layer or a setting.
 */

import { inKerasOrder } from '../architectures/keras-order';
import type { ConfiguredLayer, LayerCall } from './keras-topology';
import { type LayerSettings, readLayer } from './layer-settings';

export interface Step {
  /** Unique among the steps. */
  name: string;
  /** The layer it is of. */
  layer: ConfiguredLayer;
  /** Keras' class; `Activation` also for the activation that is a setting of another layer. */
  className: string;
  settings: LayerSettings;
  /** Names of the steps it reads, in their order; {@link INPUT} for the model's input. */
  inputs: string[];
}

export interface ModelSteps {
  /** First to last. */
  steps: Step[];
  /**
   * What stands between the image and the first step, first to last: input layers, scalings and layers that act in
   * training only. One list for each place where steps read the image; a network has one.
   */
  fronts: ConfiguredLayer[][];
}

export const INPUT = 'input';

/** Layers in front of a network that change the pixels it gets. */
const FRONT_CLASSES = ['Rescaling', 'Normalization', 'Resizing', 'CenterCrop', 'RandomCrop'];
/** Their output has no height and width. */
const FLAT_CLASSES = ['Flatten', 'GlobalAveragePooling2D', 'Dense'];

/**
 * The steps that lead to an output of a model.
 * @returns the steps that lead to this output of a model
 */
export function stepsTo(output: LayerCall): ModelSteps {
  const builder = new StepsBuilder();
  const last = builder.nameOf(output);
  const steps = inKerasOrder<Pick<Step, 'name' | 'inputs'>>(
    new Map<string, Pick<Step, 'name' | 'inputs'>>([[INPUT, { name: INPUT, inputs: [] }], ...builder.steps]),
    last,
  );
  return {
    steps: steps.map(({ name }) => builder.steps.get(name)).filter((step) => step !== undefined),
    fronts: [...builder.fronts].map(chainTo),
  };
}

class StepsBuilder {
  readonly steps = new Map<string, Step>();
  readonly fronts = new Set<LayerCall>();
  private readonly names = new Map<LayerCall, string>();
  private readonly frontCalls = new Map<LayerCall, boolean>();

  /** The step whose result is this call's. */
  nameOf(call: LayerCall): string {
    const known = this.names.get(call);
    if (known !== undefined) return known;
    const name = this.isFront(call) ? INPUT : this.add(call);
    if (name === INPUT && this.isFront(call)) this.fronts.add(call);
    this.names.set(call, name);
    return name;
  }

  /** True where only such layers stand between the image and this call's result. */
  private isFront(call: LayerCall): boolean {
    const known = this.frontCalls.get(call);
    if (known !== undefined) return known;
    const { layer, inputs } = call;
    const passes =
      FRONT_CLASSES.includes(layer.className) || readLayer(layer.className, layer.settings).kind === 'identity';
    const isFirst = inputs.length === 0 && layer.className === 'InputLayer';
    const front = passes && (isFirst || (inputs.length === 1 && this.isFront(inputs[0])));
    this.frontCalls.set(call, front);
    return front;
  }

  private add({ layer, inputs: calls }: LayerCall): string {
    const inputs = calls.map((input) => this.nameOf(input));
    const meaning = readLayer(layer.className, layer.settings);
    if (meaning.kind === 'identity' && inputs.length === 1) return inputs[0];
    const { className, settings, activation } =
      meaning.kind === 'layer' ? meaning : { className: layer.className, settings: {}, activation: 'linear' };
    const flat = className === 'Flatten' && FLAT_CLASSES.includes(this.steps.get(inputs[0])?.className ?? '');
    if (flat) return inputs[0];
    const name = this.put({ layer, className, settings, inputs });
    if (activation === 'linear') return name;
    return this.put({ layer, className: 'Activation', settings: { activation }, inputs: [name] });
  }

  private put(step: Omit<Step, 'name'>): string {
    const name = `step ${this.steps.size + 1}`;
    this.steps.set(name, { name, ...step });
    return name;
  }
}

function chainTo({ layer, inputs }: LayerCall): ConfiguredLayer[] {
  return [...inputs.flatMap(chainTo), layer];
}
