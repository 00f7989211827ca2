/** @file The four architectures by id. To add a network: its file here, its facts in domain/network.ts. */

import { remembered } from '../base/remembered';
import { NETWORKS, type NetworkId } from '../domain/network';
import { baseline } from './baseline';
import { densenet121 } from './densenet121';
import { countParameters, type Graph } from './graph';
import { inceptionv3 } from './inceptionv3';
import { vgg16 } from './vgg16';

const ARCHITECTURES: Record<NetworkId, (inputSize: number, classCount: number) => Graph> = {
  baseline,
  vgg16,
  inceptionv3,
  densenet121,
};

/**
 * Builds a network's graph.
 * @param inputSize side of the square input, pixels.
 * @throws {StudioError} bad-input when the size is below what the network's paddings allow.
 */
export function buildNetwork(id: NetworkId, inputSize: number, classCount: number): Graph {
  return ARCHITECTURES[id](inputSize, classCount);
}

/** As {@link buildNetwork}, with the latest graphs kept for callers that ask often, such as screens. Do not change the graph. */
export const rememberedNetwork = remembered(16, buildNetwork);

export interface NetworkDescription {
  id: NetworkId;
  /** The size it was counted at. */
  inputSize: number;
  parameterCount: number;
  trainableParameterCount: number;
}

/** Parameter counts at an input size (pixels). Null means the network's own size; a size below its least one counts as that. */
export function describeNetwork(id: NetworkId, inputSize: number | null, classCount: number): NetworkDescription {
  const size = Math.max(inputSize ?? NETWORKS[id].nativeInputSize, NETWORKS[id].minInputSize);
  const { total, trainable } = countParameters(rememberedNetwork(id, size, classCount));
  return { id, inputSize: size, parameterCount: total, trainableParameterCount: trainable };
}
