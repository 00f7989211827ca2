/** @file From the file of a whole trained model to what it states, and to the weights of a network. */

import { buildNetwork } from '../architectures/build-network';
import { type Graph, weightSpecs } from '../architectures/graph';
import { StudioError } from '../domain/failure';
import { UNIT_SCALING } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import { NETWORKS } from '../domain/network';
import type { StepComparison } from './compare-steps';
import { describeHeadMisfit } from './head-misfit';
import { graphLike, identifyNetwork, MAX_INPUT_SIZE, notWhole, sizesLike } from './identify-model';
import {
  type ConfiguredModel,
  compareToNetwork,
  countBaseSteps,
  describeDifferences,
  pairWeights,
  readConfiguredModel,
} from './judge-model';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { layersOnBase, type MatchedWeights, matchWeights } from './match-weights';
import { readInputScaling, readInputSize } from './model-input';

/**
 * Reads which network a whole model is, and what its file leaves open. The file stays open.
 * @throws {StudioError} `bad-weights` when it is none of the four networks, or differs from it: a sentence with the
 * layer, what was found and what is expected.
 */
export async function readModel(file: KerasWeightsFile): Promise<ModelReading> {
  if (file.config === null) return readWeightsAlone(file);
  const { model, graph, inputSize: size } = readWhole(file);
  const inputScaling = await readInputScaling(model.front, (layer) => model.links.get(layer) ?? null, file.fileName);
  return {
    network: graph.network,
    classCount: classCountOf(graph),
    configuration: 'stated',
    inputSize: size === null ? sizesLike(graph) : { kind: 'stated', size },
    inputScaling,
  };
}

/**
 * Finds every weight of the network that {@link readModel} read, at the size that it stated or that the person gave.
 * Takes over `file`: it is closed when the match fails, and by `close` otherwise.
 * @returns the weights in the order of `weightSpecs(buildNetwork(network, inputSize, classCount))`
 * @throws {StudioError} `bad-weights`, naming every missing, misshaped and superfluous layer.
 */
export function matchModel(
  file: KerasWeightsFile,
  { network, classCount }: Pick<ModelReading, 'network' | 'classCount'>,
  inputSize: number,
): MatchedWeights {
  const specs = weightSpecs(buildNetwork(network, inputSize, classCount));
  return matchWeights(specs, file, NETWORKS[network].name, 'needed', file.config === null ? null : pairsIn(file));
}

function pairsIn(file: KerasWeightsFile): Map<string, KerasLayer> {
  try {
    const { model, comparison } = readWhole(file);
    return pairWeights(model, comparison);
  } catch (error) {
    file.close();
    throw error;
  }
}

function readWeightsAlone(file: KerasWeightsFile): ModelReading {
  const network = identifyNetwork(file);
  const graph = graphLike(network, file.layers, null);
  const base = graph.layers.filter(({ part }) => part === 'base').flatMap(({ weights }) => weights);
  const onTop = layersOnBase(base, file);
  const misfit = onTop && describeHeadMisfit(file.fileName, graph, onTop);
  if (misfit) throw new StudioError('bad-weights', misfit);
  return {
    network,
    classCount: classCountOf(graph),
    configuration: 'absent',
    inputSize: sizesLike(graph),
    inputScaling: { kind: 'assumed', scaling: UNIT_SCALING },
  };
}

interface WholeModel {
  model: ConfiguredModel;
  graph: Graph;
  comparison: StepComparison;
  /** Null where the file leaves it open. */
  inputSize: number | null;
}

/** The network that a whole model is, at its input size where that is stated. */
function readWhole(file: KerasWeightsFile): WholeModel {
  const model = readConfiguredModel(file, 'needed');
  const { fileName, steps, front, links } = model;
  const inputSize = readInputSize(front, fileName);
  const network = identifyNetwork(file);
  checkSize(fileName, network, inputSize);
  const inOrder = steps.map(({ layer }) => links.get(layer)).filter((layer) => layer !== undefined);
  const graph = graphLike(network, [...new Set(inOrder)], inputSize);
  const comparison = compareToNetwork(model, graph);
  if (comparison.differences.length === 0) return { model, graph, comparison, inputSize };
  const baseCount = countBaseSteps(graph);
  const onTop = steps.slice(baseCount).map(({ layer }) => links.get(layer));
  const head = [...new Set(onTop)].filter((layer) => layer !== undefined);
  const misfit = comparison.soundCount < baseCount ? null : describeHeadMisfit(fileName, graph, head);
  throw new StudioError(
    'bad-weights',
    misfit ?? describeDifferences(fileName, graph, comparison) ?? notWhole(fileName),
  );
}

function checkSize(fileName: string, network: Graph['network'], size: number | null): void {
  const { name, minInputSize } = NETWORKS[network];
  if (size === null || (size >= minInputSize && size <= MAX_INPUT_SIZE)) return;
  const sentence = `${fileName} cannot be used: its input is ${size} px, and ${name} takes ${minInputSize} to ${MAX_INPUT_SIZE} px here.`;
  throw new StudioError('bad-weights', sentence);
}

function classCountOf(graph: Graph): number {
  return graph.byName.get(graph.output)?.outputShape[0] ?? 0;
}
