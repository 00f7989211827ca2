/** @file Which pretrained base a weights file holds. Its head, ImageNet's classifier or a person's own, does not matter. */

import { buildNetwork } from '../architectures/build-network';
import type { Graph } from '../architectures/graph';
import type { WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import { isUnitScaling } from '../domain/input-scaling';
import { NETWORKS, type NetworkId } from '../domain/network';
import { PRETRAINED_FILES, type PretrainedFile } from './catalogue';
import { closestNetwork } from './closest-network';
import { compareToBase, describeDifferences, pairWeights, readConfiguredModel } from './judge-model';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { type MatchedWeights, matchWeights } from './match-weights';
import { readInputScaling } from './model-input';

/**
 * The network whose pretrained file this one can stand for. A file named as an official one is only compared with that
 * network, any other with the one it has most in common with, so that a refusal speaks of the network that was meant.
 * Whether every weight is there is for {@link matchBase} to say.
 * @throws {StudioError} `bad-weights` when it holds no layer of any of them.
 */
export function identifyBase(file: KerasWeightsFile): NetworkId {
  const specs = new Map(PRETRAINED_FILES.map((candidate) => [candidate, baseSpecs(candidate.network)]));
  const named: PretrainedFile | undefined = PRETRAINED_FILES.find(({ fileName }) => fileName === file.fileName);
  const closest = named ?? closestNetwork(file, specs);
  if (closest !== null) return closest.network;
  const names = PRETRAINED_FILES.map(({ network }) => NETWORKS[network].name).join(', ');
  throw new StudioError('bad-weights', `${file.fileName} cannot be used: it holds no layer of ${names}.`);
}

/**
 * Finds every weight of a network's base. Takes over `file`: it is closed when the match fails, and by `close` otherwise.
 * @returns the weights in the order of {@link baseSpecs}
 * @throws {StudioError} `bad-weights`, naming every layer that does not fit, or what the configuration of a whole model
 * computes that the base does not.
 */
export async function matchBase(file: KerasWeightsFile, network: NetworkId): Promise<MatchedWeights> {
  const pairs = file.config === null ? null : await pairsIn(file, network);
  return matchWeights(baseSpecs(network), file, NETWORKS[network].name, 'ignored', pairs);
}

async function pairsIn(file: KerasWeightsFile, network: NetworkId): Promise<Map<string, KerasLayer>> {
  try {
    const { fileName } = file;
    const model = readConfiguredModel(file, 'ignored');
    const graph = buildNetwork(network, NETWORKS[network].minInputSize, 2);
    const comparison = compareToBase(model, graph);
    const misfit = describeDifferences(fileName, graph, comparison);
    if (misfit) throw new StudioError('bad-weights', misfit);
    const { kind, scaling } = await readInputScaling(model.front, (layer) => model.links.get(layer) ?? null, fileName);
    if (kind === 'stated' && !isUnitScaling(scaling)) {
      const layers = model.front.filter(({ className }) => /^(Rescaling|Normalization)$/.test(className));
      const sentence = `${fileName} was trained on pixels scaled in another way (${layers.map(({ name }) => name).join(', ')}), and a training here divides them by 255. Save the base without these layers to start from it all the same.`;
      throw new StudioError('bad-weights', sentence);
    }
    return pairWeights(model, comparison);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The weights of a base in Keras' order. They are the same at every input size. */
export function baseSpecs(network: NetworkId): WeightSpec[] {
  return baseOf(buildNetwork(network, NETWORKS[network].minInputSize, 2));
}

/** The same of a graph that is already built. */
export function baseOf({ layers }: Graph): WeightSpec[] {
  return layers.filter(({ part }) => part === 'base').flatMap(({ weights }) => weights);
}
