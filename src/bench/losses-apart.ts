/** @file Whether the sides train the same thing: from the same weights and images they must start from the same loss. */

import { SIDE_TITLES, type SideName } from './side-name';

/** Sums in another order, through up to 121 layers. */
const TOLERANCE = 1e-3;

/** @returns a sentence when one is known to differ from ours, else null. */
export function lossesApart(losses: Partial<Record<SideName, number>>): string | null {
  const { ours, ...others } = losses;
  if (ours === undefined) return null;
  for (const [name, loss] of Object.entries(others) as [SideName, number][]) {
    if (Math.abs(loss - ours) < TOLERANCE * Math.max(1, Math.abs(ours))) continue;
    return `The sides start from different losses (${SIDE_TITLES[name]} ${loss}, ours ${ours}), so their times cannot be compared.`;
  }
  return null;
}
