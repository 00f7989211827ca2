/** @file Which network the weights of a whole trained model belong to, and at which input sizes they fit. */

import { buildNetwork } from '../architectures/build-network';
import { type Graph, weightSpecs } from '../architectures/graph';
import type { WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { closestNetwork } from './closest-network';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { parseWeightName } from './keras-weight-name';

export const MAX_INPUT_SIZE = 1024;

let candidates: ReadonlyMap<NetworkId, readonly WeightSpec[]> | null = null;

/**
 * The network that a file has most in common with; whether it fits is for others to say.
 * @throws {StudioError} `bad-weights` when it has nothing in common with any.
 */
export function identifyNetwork(file: KerasWeightsFile): NetworkId {
  candidates ??= new Map(NETWORK_IDS.map((id) => [id, weightSpecs(buildNetwork(id, NETWORKS[id].minInputSize, 2))]));
  const network = closestNetwork(file, candidates);
  if (network === null) throw new StudioError('bad-weights', notWhole(file.fileName));
  return network;
}

/** The sentence for a file that is no whole model of any network. */
export function notWhole(fileName: string): string {
  return `${fileName} is no whole model of a network that Thorax has: layers of ${NETWORK_IDS.map((id) => NETWORKS[id].name).join(', ')} with dense layers on top are needed.`;
}

/**
 * The network with as many classes as the last dense layer of these has outputs: at the stated size, else at its own or
 * the least one whose dense layers are of these shapes. Where no size fits, at the first of them: then the head is another.
 */
export function graphLike(network: NetworkId, layers: readonly KerasLayer[], stated: number | null): Graph {
  const dense = layers.flatMap(({ weights }) =>
    weights
      .filter(({ name, shape }) => parseWeightName(name) === 'kernel' && shape.length === 2)
      .map(({ shape }) => shape),
  );
  const classCount = Math.max(2, dense.at(-1)?.[1] ?? 0);
  const build = (size: number) => buildNetwork(network, size, classCount);
  // Where a size is stated, a pooled feature map of 512 numbers is not the flat one of a smaller input.
  if (stated !== null) return build(stated);
  const { nativeInputSize } = NETWORKS[network];
  const own = build(nativeInputSize);
  if (dense.length === 0 || String(denseShapesOf(own)) === String(dense)) return own;
  const least = build(leastSize(network, (size) => denseShapesOf(build(size))[0][0] >= dense[0][0]));
  return String(denseShapesOf(least)) === String(dense) ? least : own;
}

/** Every input size at which the dense layers have the shapes that they have in this graph. */
export function sizesLike(graph: Graph): ModelReading['inputSize'] {
  const { network } = graph;
  const classCount = graph.byName.get(graph.output)?.outputShape[0] ?? 0;
  const features = (size: number) => denseShapesOf(buildNetwork(network, size, classCount))[0][0];
  const [[own]] = denseShapesOf(graph);
  const min = leastSize(network, (size) => features(size) >= own);
  const above = leastSize(network, (size) => features(size) > own);
  const max = features(above) > own ? above - 1 : above;
  return min === max ? { kind: 'stated', size: min } : { kind: 'asked', min, max };
}

/** The least size that is large enough, or the largest of all. Feature maps grow with the input. */
function leastSize(network: NetworkId, isEnough: (size: number) => boolean): number {
  let [low, high] = [NETWORKS[network].minInputSize, MAX_INPUT_SIZE];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function denseShapesOf({ layers }: Graph): number[][] {
  return layers.filter(({ config }) => config.kind === 'dense').map(({ weights }) => weights[0].shape);
}
