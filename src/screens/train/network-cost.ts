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
 * The parameters of a network at an input size, in one line, or what it needs where the size is too small.
 * @param inputSize of the shared field; null for the network's own. While an unfinished number is typed, parameters are
 *   counted at the network's own size.
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
