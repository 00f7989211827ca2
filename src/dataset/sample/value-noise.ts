/** @file Smooth seeded noise on a lattice: the uneven texture of lung tissue and of haze. */

import type { RandomStream } from '../../base/random';

const LATTICE = 32;

/** Value noise that repeats every 32 cells; cheap to sample at any point. */
export class ValueNoise {
  private readonly lattice = new Float32Array(LATTICE * LATTICE);

  constructor(random: RandomStream) {
    for (let i = 0; i < this.lattice.length; i += 1) this.lattice[i] = (random.bits() >>> 8) / 2 ** 24;
  }

  /** In 0..1, one cell per unit, blended by a smooth step. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const s = smooth(x - column);
    const t = smooth(y - row);
    const left = column & (LATTICE - 1);
    const right = (column + 1) & (LATTICE - 1);
    const above = (row & (LATTICE - 1)) * LATTICE;
    const below = ((row + 1) & (LATTICE - 1)) * LATTICE;
    const top = this.lattice[above + left] * (1 - s) + this.lattice[above + right] * s;
    const bottom = this.lattice[below + left] * (1 - s) + this.lattice[below + right] * s;
    return top * (1 - t) + bottom * t;
  }

  /** Two octaves, in 0..1. */
  cloud(x: number, y: number): number {
    return 0.65 * this.at(x, y) + 0.35 * this.at(2.1 * x + 7.3, 2.1 * y + 3.7);
  }
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
