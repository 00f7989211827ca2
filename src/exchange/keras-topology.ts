/**
 * @file The layers of a Keras configuration and their connections, whatever version wrote it.
 *
 * Models inside models are flattened. `Sequential` and functional models of Keras 1 to 3 are read: connections as
 * `inbound_nodes` lists `[name, call, output, arguments]` (Keras 1 and 2) or as `keras_history` inside arguments (Keras 3).
 * Sources: `get_config` in keras/src/models/functional.py and sequential.py, and in tf.keras 2.15's engine/functional.py.
 */

import { shortened } from '../base/shortened';
import { StudioError } from '../domain/failure';
import { differsInTraining } from './layer-settings';

export interface ConfiguredLayer {
  name: string;
  /** Keras' class, for example `Conv2D`; with a package in front, `Mine>Conv2D`, where it is not one of Keras. */
  className: string;
  settings: Readonly<Record<string, unknown>>;
  /** Names of the models around it, outermost first; the file's own model is left out. */
  models: readonly string[];
  /** False when it or a model around it is frozen. */
  trainable: boolean;
}

/** A layer used once: what it is called on. */
export interface LayerCall {
  layer: ConfiguredLayer;
  inputs: LayerCall[];
}

/** A model of the configuration with what it holds, in Keras' order; the file's groups nest in the same way. */
export interface ModelTree {
  name: string;
  children: (ModelTree | ConfiguredLayer)[];
  className: string;
}

export interface Topology {
  tree: ModelTree;
  /** One for each output of the model. */
  outputs: LayerCall[];
  /** Layers that are called with `training=True`, by themselves or with a model around them, and predict otherwise for it. */
  inTraining: ConfiguredLayer[];
}

const MODEL_CLASSES = ['Functional', 'Model', 'Sequential'];
const MAX_LAYERS = 3000;

/**
 * Reads the layers, connections and outputs of a file's model.
 * @param config as in the file: `{ class_name, config }`
 * @throws {StudioError} `bad-weights` when the layers and their connections cannot be read from it.
 */
export function readTopology(config: unknown, fileName: string): Topology {
  return withinStack(fileName, () => new TopologyReader(fileName).read(config));
}

/**
 * Runs work that follows the nesting or the connections of a configuration, call by call.
 * @throws {StudioError} `bad-weights` when they go deeper than a stack does.
 */
export function withinStack<T>(fileName: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const sentence = `${fileName} cannot be used: its model configuration is nested without end.`;
    throw new StudioError('bad-weights', sentence, { cause: error });
  }
}

type Outputs = LayerCall[];
type Settings = Record<string, unknown>;

interface Entry {
  name: string;
  className: string;
  settings: Settings;
  inbound: unknown[];
}

class TopologyReader {
  private layerCount = 0;
  /** How many of the calls that are being read are made with `training=True`. */
  private trainingCalls = 0;
  private readonly inTraining: ConfiguredLayer[] = [];

  constructor(private readonly fileName: string) {}

  read(config: unknown): Topology {
    const root = this.entry(config, 'model');
    if (!MODEL_CLASSES.includes(root.className)) {
      const sentence = `${this.fileName} cannot be used: its model is of a class of its own, ${shortened(root.className)}, whose layers are not in the file. Build it as a functional or Sequential model and save it again.`;
      throw new StudioError('bad-weights', sentence);
    }
    const tree: ModelTree = { name: root.name, className: root.className, children: [] };
    return { tree, outputs: this.model(root, [], null, tree, true), inTraining: this.inTraining };
  }

  /** @param inputs null for the file's own model, whose inputs no other layer makes */
  private model(
    { className, settings }: Entry,
    models: string[],
    inputs: Outputs | null,
    tree: ModelTree,
    trainable: boolean,
  ): Outputs {
    const listed = Array.isArray(settings) ? settings : settings.layers;
    if (!Array.isArray(listed)) throw this.unreadable('a model without a list of layers');
    const entries = listed.map((layer, i) => this.entry(layer, `layer ${i + 1}`));
    const isTrainable = trainable && settings.trainable !== false;
    return className === 'Sequential'
      ? this.sequential(entries, settings, models, inputs, tree, isTrainable)
      : this.functional(entries, settings, models, inputs, tree, isTrainable);
  }

  private sequential(
    entries: Entry[],
    settings: Settings,
    models: string[],
    inputs: Outputs | null,
    tree: ModelTree,
    trainable: boolean,
  ): Outputs {
    let outputs = inputs ?? [];
    if (inputs === null && entries[0]?.className !== 'InputLayer') {
      const shape = entries[0]?.settings.batch_input_shape ?? settings.build_input_shape ?? null;
      const input = { name: 'input', className: 'InputLayer', settings: { batch_input_shape: shape }, inbound: [] };
      outputs = [{ layer: this.layer(input, models, trainable), inputs: [] }];
    }
    for (const entry of entries) outputs = this.call(entry, models, tree, trainable)(outputs);
    return outputs;
  }

  private functional(
    entries: Entry[],
    settings: Settings,
    models: string[],
    inputs: Outputs | null,
    tree: ModelTree,
    trainable: boolean,
  ): Outputs {
    const inputNames = references(settings.input_layers).map(([name]) => name);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const callers = new Map(entries.map((entry) => [entry.name, this.call(entry, models, tree, trainable)]));
    const done = new Map<string, Outputs>();
    const outputsOf = ([name, call, output]: Reference): LayerCall => {
      const entry = byName.get(name);
      if (!entry) throw this.unreadable(`a connection to ${shortened(name)}, which is not there`);
      // A functional model counts its own construction as its first call.
      const index = Math.min(call, Math.max(0, entry.inbound.length - 1));
      const key = `${name} ${index}`;
      const found = done.get(key);
      if (found?.length === 0) throw this.unreadable(`a loop at ${shortened(name)}`);
      const outputs = found ?? callOf(entry, index, key);
      if (!outputs[output]) throw this.unreadable(`a connection to an output that ${shortened(name)} does not have`);
      return outputs[output];
    };
    const callOf = (entry: Entry, index: number, key: string): Outputs => {
      done.set(key, []);
      const fed = inputs && entry.className === 'InputLayer' ? [inputs[inputNames.indexOf(entry.name)]] : null;
      if (fed?.includes(undefined as never))
        throw this.unreadable(`an input ${shortened(entry.name)} that nothing feeds`);
      const read = fed ?? referencesIn(entry.inbound[index]).map(outputsOf);
      const trainingCalls = isTrainingCall(entry.inbound[index]) ? 1 : 0;
      this.trainingCalls += trainingCalls;
      const outputs = callers.get(entry.name)?.(read) ?? [];
      this.trainingCalls -= trainingCalls;
      done.set(key, outputs);
      return outputs;
    };
    return references(settings.output_layers).map(outputsOf);
  }

  /** Calls a layer or a model on its inputs, as often as the configuration does. The tree keeps the order of the list of layers. */
  private call(entry: Entry, models: string[], tree: ModelTree, trainable: boolean): (inputs: Outputs) => Outputs {
    if (!MODEL_CLASSES.includes(entry.className)) {
      const layer = this.layer(entry, models, trainable);
      tree.children.push(layer);
      return (inputs) => {
        if (this.trainingCalls > 0 && differsInTraining(layer)) this.inTraining.push(layer);
        return [{ layer, inputs }];
      };
    }
    const inner: ModelTree = { name: entry.name, className: entry.className, children: [] };
    tree.children.push(inner);
    let isCalled = false;
    return (inputs) => {
      if (isCalled) throw this.unreadable(`the model ${shortened(entry.name)}, which is used more than once`);
      isCalled = true;
      return this.model(entry, [...models, entry.name], inputs, inner, trainable);
    };
  }

  private layer({ name, className, settings }: Entry, models: string[], trainable: boolean): ConfiguredLayer {
    this.layerCount += 1;
    if (this.layerCount > MAX_LAYERS) throw this.unreadable(`more than ${MAX_LAYERS} layers`);
    return { name, className, settings, models, trainable: trainable && settings.trainable !== false };
  }

  private entry(value: unknown, place: string): Entry {
    if (!isRecord(value) || typeof value.class_name !== 'string' || !isObject(value.config)) {
      throw this.unreadable(`${place} without a class or a configuration`);
    }
    const settings = value.config as Settings;
    const name = [value.name, settings.name].find((candidate) => typeof candidate === 'string') ?? place;
    const inbound = Array.isArray(value.inbound_nodes) ? value.inbound_nodes : [];
    return { name: String(name), className: classNameOf(value, value.class_name), settings, inbound };
  }

  private unreadable(what: string): StudioError {
    const sentence = `${this.fileName} cannot be used: its model configuration has ${what}.`;
    return new StudioError('bad-weights', sentence);
  }
}

type Reference = readonly [name: string, call: number, output: number];

/**
 * The name of a class, which only those of Keras have bare. A class of the person's own may be called `Conv2D` too, and
 * what it computes is not in the file: it keeps the package that it was registered in (`Mine>Conv2D`), or gets one.
 * Keras 3 writes the module of its own classes, and for others none or theirs.
 */
function classNameOf({ module, registered_name: registered }: Record<string, unknown>, className: string): string {
  if (className.includes('>') || module === undefined) return className;
  if (typeof module === 'string' && /^(keras|tf_keras|tensorflow)(\.|$)/.test(module)) return className;
  return typeof registered === 'string' && registered.includes('>') ? registered : `own>${className}`;
}

/** True for a class that is not one of Keras. */
export function isOwnClass({ className }: Pick<ConfiguredLayer, 'className'>): boolean {
  return className.includes('>');
}

/** `[name, 0, 0]`, a list of such, or such by name. */
function references(value: unknown): Reference[] {
  const own = asReference(value);
  if (own) return [own];
  if (Array.isArray(value)) return value.flatMap(references);
  return isRecord(value) ? Object.values(value).flatMap(references) : [];
}

/** What one call reads: Keras 2's lists, or Keras 3's tensors anywhere inside the arguments. */
function referencesIn(node: unknown): Reference[] {
  const own = asReference(node);
  if (own) return [own];
  if (Array.isArray(node)) return node.flatMap(referencesIn);
  if (!isRecord(node)) return [];
  if (node.class_name === '__keras_tensor__' && isRecord(node.config)) return references(node.config.keras_history);
  return Object.values(node).flatMap(referencesIn);
}

/** Keras 3 has the arguments of a call by name, Keras 2 at the end of each reference. */
function isTrainingCall(node: unknown): boolean {
  if (isRecord(node)) return isRecord(node.kwargs) && node.kwargs.training === true;
  if (!Array.isArray(node)) return false;
  return asReference(node) ? isRecord(node[3]) && node[3].training === true : node.some(isTrainingCall);
}

function asReference(value: unknown): Reference | null {
  if (!Array.isArray(value)) return null;
  const [name, call, output] = value;
  if (typeof name !== 'string' || !Number.isInteger(call) || !Number.isInteger(output)) return null;
  return [name, call, output];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
