/** @file Which network a whole trained model is, at which input size and for how many classes. */

import { buildNetwork } from '../architectures/build-network';
import { type Graph, weightSpecs } from '../architectures/graph';
import { StudioError } from '../domain/failure';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { closestNetwork } from './closest-network';
import { describeHeadMisfit } from './head-misfit';
import type { KerasWeightsFile } from './keras-file';
import { parseWeightName } from './keras-weight-name';

export const MAX_INPUT_SIZE = 1024;
const MAX_CONFIG_DEPTH = 12;

/**
 * The graph that a whole model's weights belong to; whether they fit is for `matchWeights` to say.
 * @throws {StudioError} `bad-weights` when it is none of the four networks, or a base without a head or with another one.
 */
export function identifyModel(file: KerasWeightsFile): Graph {
  const dense = file.layers.flatMap(({ weights }) =>
    weights
      .filter(({ name, shape }) => parseWeightName(name) === 'kernel' && shape.length === 2)
      .map(({ shape }) => shape),
  );
  const classCount = dense.at(-1)?.[1] ?? 0;
  const candidates = new Map(
    NETWORK_IDS.map((id) => [id, weightSpecs(buildNetwork(id, NETWORKS[id].minInputSize, 2))]),
  );
  const network = closestNetwork(file, candidates);
  const graph = network && findSize(network, Math.max(2, classCount), dense, findInputSizes(file.config));
  const misfit = graph && describeHeadMisfit(file, graph);
  if (misfit) throw new StudioError('bad-weights', misfit);
  if (!graph || classCount < 2) {
    const sentence = `${file.fileName} is no whole model of a network that Thorax has: layers of ${NETWORK_IDS.map((id) => NETWORKS[id].name).join(', ')} with dense layers on top are needed.`;
    throw new StudioError('bad-weights', sentence);
  }
  return graph;
}

/**
 * The network at a size that the configuration tells, or at its own, whose dense layers are of the file's shapes. Without
 * a configuration at the least such size: those that lead to the same feature map cannot be told apart. Where there is
 * none, at the first of them: then the head is another.
 */
function findSize(network: NetworkId, classCount: number, dense: number[][], told: number[]): Graph {
  const { nativeInputSize, minInputSize } = NETWORKS[network];
  const build = (size: number) => buildNetwork(network, size, classCount);
  const fits = (graph: Graph) => String(denseShapesOf(graph)) === String(dense);
  const possible = told.filter((size) => size >= minInputSize && size <= MAX_INPUT_SIZE);
  const likely = [...possible, nativeInputSize].map(build);
  const fitting = likely.find(fits);
  if (fitting) return fitting;
  // Where a size is told, a pooled feature map of 512 numbers is not the flat one of a smaller input.
  if (possible.length > 0 || dense.length === 0) return likely[0];
  // Feature maps grow with the input: halve the range until the least size that fits is found.
  let [low, high] = [minInputSize, MAX_INPUT_SIZE];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (denseShapesOf(build(middle))[0][0] < dense[0][0]) low = middle + 1;
    else high = middle;
  }
  const least = build(low);
  return fits(least) ? least : likely[0];
}

function denseShapesOf({ layers }: Graph): number[][] {
  return layers.filter(({ config }) => config.kind === 'dense').map(({ weights }) => weights[0].shape);
}

/** The sides of the square image inputs in Keras' configuration, `[null, 224, 224, 3]`, outer models first. */
function findInputSizes(config: unknown, depth = 0): number[] {
  if (typeof config !== 'object' || config === null || depth > MAX_CONFIG_DEPTH) return [];
  return Object.entries(config).flatMap(([key, value]) => {
    if ((key === 'batch_input_shape' || key === 'batch_shape') && Array.isArray(value)) {
      const [, height, width, channels] = value;
      if (Number.isInteger(height) && height === width && channels === 3) return [height];
    }
    return findInputSizes(value, depth + 1);
  });
}
