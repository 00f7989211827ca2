/** @file From the file of a whole trained model to what it states, and to the weights of a network. */

import { buildNetwork } from '../architectures/build-network';
import { type Graph, weightSpecs } from '../architectures/graph';
import { UNIT_SCALING } from '../domain/input-scaling';
import { NETWORKS, type NetworkId } from '../domain/network';
import { identifyModel, MAX_INPUT_SIZE } from './identify-model';
import type { KerasWeightsFile } from './keras-file';
import { type MatchedWeights, matchWeights } from './match-weights';
import type { ModelReading } from './model-reading';

/**
 * Reads which network a whole model is, and what its file leaves open. The file stays open.
 * @throws {StudioError} `bad-weights` when it is none of the four networks, or differs from it: a sentence with the
 * layer, what was found and what is expected.
 */
export async function readModel(file: KerasWeightsFile): Promise<ModelReading> {
  const graph = identifyModel(file);
  const classCount = graph.byName.get(graph.output)?.outputShape[0] ?? 0;
  const inputSize: ModelReading['inputSize'] =
    file.config === null ? sizesLike(graph, classCount) : { kind: 'stated', size: graph.layers[0].outputShape[0] };
  return { network: graph.network, classCount, inputSize, inputScaling: { kind: 'assumed', scaling: UNIT_SCALING } };
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
  return matchWeights(weightSpecs(buildNetwork(network, inputSize, classCount)), file, NETWORKS[network].name);
}

/** Every size whose dense layers have the shapes that they have in this graph. Feature maps grow with the input. */
function sizesLike(graph: Graph, classCount: number): ModelReading['inputSize'] {
  const shapes = String(denseShapes(graph));
  const fits = (size: number) => String(denseShapes(buildNetwork(graph.network, size, classCount))) === shapes;
  let min = graph.layers[0].outputShape[0];
  let max = min;
  while (min > leastSize(graph.network) && fits(min - 1)) min -= 1;
  while (max < MAX_INPUT_SIZE && fits(max + 1)) max += 1;
  return min === max ? { kind: 'stated', size: min } : { kind: 'asked', min, max };
}

function leastSize(network: NetworkId): number {
  return NETWORKS[network].minInputSize;
}

function denseShapes({ layers }: Graph): number[][] {
  return layers.filter(({ config }) => config.kind === 'dense').map(({ weights }) => weights[0].shape);
}
