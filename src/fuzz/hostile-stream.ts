/** @file The damaged files of a kind by number: the same seed and number always make the same file. */

import * as fc from 'fast-check';
import type { FuzzKind } from './kind';

/** Made together: fast-check makes small cases first, and larger ones with each further one. */
const BATCH = 50;

/** Makes file after file of a kind from one seed. */
export class HostileStream {
  private batch: { number: number; files: unknown[] } | null = null;

  private constructor(
    private readonly arbitrary: fc.Arbitrary<unknown>,
    private readonly seed: number,
  ) {}

  static async open(kind: FuzzKind, seed: number): Promise<HostileStream> {
    return new HostileStream(await kind.files(), seed);
  }

  at(index: number): unknown {
    const number = Math.floor(index / BATCH);
    if (this.batch?.number !== number) {
      this.batch = { number, files: fc.sample(this.arbitrary, { seed: this.seed + number, numRuns: BATCH }) };
    }
    return this.batch.files[index % BATCH];
  }
}
