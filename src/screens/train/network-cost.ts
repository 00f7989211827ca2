/** @file What a network costs at the input size on screen, in one line for its card. */

import { describeNetwork } from '../../architectures/build-network';
import { NETWORKS, type NetworkId } from '../../domain/network';
import { checkNumber } from '../../domain/recipe';
import { formatCount, formatMillions } from '../../ui/format';

export interface NetworkCost {
  text: string;
  /** The input size is below what the network's paddings allow. */
  tooSmall: boolean;
}

/**
 * @param inputSize of the shared field; null for the network's own. What is being typed may be no size at all: parameters
 *   are then counted at the network's own.
 */
export function networkCost(network: NetworkId, inputSize: number | null, classCount: number): NetworkCost {
  const { minInputSize } = NETWORKS[network];
  if (inputSize !== null && inputSize < minInputSize) {
    return { text: `Needs at least ${minInputSize} px; the input size is ${inputSize} px.`, tooSmall: true };
  }
  const size = checkNumber('inputSize', inputSize) === null ? inputSize : null;
  const description = describeNetwork(network, size, classCount);
  const { parameterCount, trainableParameterCount } = description;
  const text = `${formatCount(parameterCount)} parameters, ${formatMillions(trainableParameterCount)} trained, at ${description.inputSize} px`;
  return { text, tooSmall: false };
}
