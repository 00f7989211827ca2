/** @file What a network costs at the input size on screen, in one line for its card. */

import { NETWORKS, type NetworkDescription, type NetworkId } from '../../domain/network';
import { formatCount, formatMillions } from '../../ui/format';

export interface NetworkCost {
  text: string;
  /** The input size is below what the network's paddings allow. */
  tooSmall: boolean;
}

/**
 * @param inputSize of the shared field; null for the network's own, NaN while it holds no number.
 * @param description null while unknown; counted at the network's least size when `inputSize` is below it.
 */
export function networkCost(
  network: NetworkId,
  inputSize: number | null,
  description: NetworkDescription | null,
): NetworkCost {
  const { minInputSize } = NETWORKS[network];
  if (inputSize !== null && inputSize < minInputSize) {
    return { text: `Needs at least ${minInputSize} px; the input size is ${inputSize} px.`, tooSmall: true };
  }
  if (!description) return { text: `Inputs from ${minInputSize} px`, tooSmall: false };
  const { parameterCount, trainableParameterCount } = description;
  const text = `${formatCount(parameterCount)} parameters, ${formatMillions(trainableParameterCount)} trained, at ${description.inputSize} px`;
  return { text, tooSmall: false };
}
