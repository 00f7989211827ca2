/** @file Whether two sides train the same thing: from the same weights and images they must start from the same loss. */

/** Sums in another order, through up to 121 layers. */
const TOLERANCE = 1e-3;

/** @returns a sentence when both are known and differ, else null. */
export function lossesApart({ stock, ours }: { stock?: number; ours?: number }): string | null {
  if (stock === undefined || ours === undefined) return null;
  if (Math.abs(stock - ours) < TOLERANCE * Math.max(1, Math.abs(ours))) return null;
  return `The sides start from different losses (stock ${stock}, ours ${ours}), so their times cannot be compared.`;
}
