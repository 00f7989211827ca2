/** @file One colour a network, the same on every screen; the values for light and dark are in the theme. */

import type { NetworkId } from '../domain/network';

/** The CSS colour of a network. */
export function networkColour(network: NetworkId): string {
  return `var(--thorax-${network})`;
}
