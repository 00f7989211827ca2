/**
 * @file Whether the model that a file's configuration describes computes what one of the networks computes.
 *
 * Our own configuration of a network (keras-config.ts) is read in the same way as the file's, and the two are compared.
 */

import type { Graph } from '../architectures/graph';
import { shortened } from '../base/shortened';
import { StudioError } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import { compareSteps, type StepComparison } from './compare-steps';
import { kerasModelOf } from './keras-config';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { type ConfiguredLayer, isOwnClass, type LayerCall, readTopology, withinStack } from './keras-topology';
import { isChannelsFirst } from './layer-settings';
import { linkLayers } from './link-layers';
import { type Step, stepsTo } from './model-steps';

export interface ConfiguredModel {
  fileName: string;
  steps: Step[];
  /** The layers between the image and the first step. */
  front: ConfiguredLayer[];
  /** The layer of the file, with its weights, of one of the configuration. */
  links: ReadonlyMap<ConfiguredLayer, KerasLayer>;
}

const LISTED_DIFFERENCES = 4;

/**
 * Reads what a file's configuration says of its model.
 * @param head `ignored`: of several outputs the first is followed, as the base stands below all of them
 * @throws {StudioError} `bad-weights` when it cannot be read, or its input is not a single image.
 */
export function readConfiguredModel(file: KerasWeightsFile, head: 'needed' | 'ignored'): ConfiguredModel {
  return withinStack(file.fileName, () => configuredModelOf(file, head));
}

function configuredModelOf(file: KerasWeightsFile, head: 'needed' | 'ignored'): ConfiguredModel {
  const { fileName } = file;
  const { tree, outputs, inTraining } = readTopology(file.config, fileName);
  if (outputs.length === 0 || (head === 'needed' && outputs.length > 1)) throw outputsRefusal(outputs, fileName);
  if (head === 'needed' && inTraining.length > 0) {
    const [{ name, className }] = inTraining;
    const sentence = `${fileName} cannot be used as it is: ${shortened(name)} (${className}) is called with training=True, so that it acts in training when it predicts; expected training=False, or no such argument.`;
    throw new StudioError('bad-weights', sentence);
  }
  const { steps, fronts } = stepsTo(outputs[0]);
  const own = head === 'needed' ? steps.find(({ layer }) => isOwnClass(layer))?.layer : undefined;
  if (own) {
    const sentence = `${fileName} cannot be used: ${shortened(own.name)} is of a class of its own (${shortened(own.className)}), and what it computes is not in the file; expected layers of Keras.`;
    throw new StudioError('bad-weights', sentence);
  }
  const other = steps.find(({ layer }) => isChannelsFirst(layer.settings))?.layer;
  if (other) {
    const sentence = `${fileName} cannot be used as it is: ${shortened(other.name)} (${shortened(other.className)}) has data format channels_first, expected channels_last.`;
    throw new StudioError('bad-weights', sentence);
  }
  if (fronts.length > 1) {
    const names = fronts.map((layers) => shortened(layers.at(-1)?.name ?? '')).join(', ');
    throw new StudioError(
      'bad-weights',
      `${fileName} cannot be used: its model has several inputs (${names}), expected one.`,
    );
  }
  const front = fronts.at(0) ?? [];
  return { fileName, steps, front, links: linkLayers(tree, file) };
}

/** How a model compares to a network, head included. */
export function compareToNetwork({ steps }: ConfiguredModel, graph: Graph): StepComparison {
  return compareSteps(steps, stepsOf(graph), true);
}

/** How the first layers of a model compare to a network's base, up to the last that has weights. */
export function compareToBase({ steps }: ConfiguredModel, graph: Graph): StepComparison {
  const base = stepsOf(graph).filter(({ layer }) => graph.byName.get(layer.name)?.part === 'base');
  const weighted = base.findLastIndex(({ layer }) => (graph.byName.get(layer.name)?.weights.length ?? 0) > 0);
  return compareSteps(steps, base.slice(0, weighted + 1), false);
}

/** The number of a network's steps that belong to its base. */
export function countBaseSteps(graph: Graph): number {
  return stepsOf(graph).filter(({ layer }) => graph.byName.get(layer.name)?.part === 'base').length;
}

/** The file's layers by ours. */
export function pairWeights({ links }: ConfiguredModel, { pairs }: StepComparison): Map<string, KerasLayer> {
  return new Map(
    [...pairs].flatMap(([name, layer]) => {
      const found = links.get(layer);
      return found ? [[name, found] as const] : [];
    }),
  );
}

/** One sentence for all differences, the first ones by name; null where there is none. */
export function describeDifferences(fileName: string, graph: Graph, { differences }: StepComparison): string | null {
  if (differences.length === 0) return null;
  const { name } = NETWORKS[graph.network];
  const listed = differences.slice(0, LISTED_DIFFERENCES).join('; ');
  const more = differences.length - LISTED_DIFFERENCES;
  const rest = more > 0 ? `; and ${more} more` : '';
  return `${fileName} is not ${name} as it is built here, and its weights would give other predictions: ${listed}${rest}.`;
}

function outputsRefusal(outputs: readonly LayerCall[], fileName: string): StudioError {
  const names =
    outputs
      .slice(0, LISTED_DIFFERENCES)
      .map(({ layer }) => shortened(layer.name))
      .join(', ') || 'none';
  const sentence = `${fileName} cannot be used: its model has ${outputs.length} outputs (${names}), expected one.`;
  return new StudioError('bad-weights', sentence);
}

function stepsOf(graph: Graph): Step[] {
  const { outputs } = readTopology(kerasModelOf(graph).config, graph.network);
  return stepsTo(outputs[0]).steps;
}
