/** @file Numbers that readers go wrong on: borders of types, lengths that lie by a little or by everything. */

import * as fc from 'fast-check';

/** What is written into a field of an otherwise sound file. */
export type HostileNumber =
  /** The value itself. */
  | { kind: 'exactly'; value: bigint }
  /** Relative to what stands there. */
  | { kind: 'moved'; by: bigint }
  /** Relative to the file's length. */
  | { kind: 'file length'; by: bigint };

const BORDERS = [7, 8, 15, 16, 24, 31, 32, 48, 53, 63, 64].flatMap((bits) => [
  2n ** BigInt(bits),
  2n ** BigInt(bits) - 1n,
]);
const SMALL = [0n, 1n, 2n, 3n, 4n, 5n, 8n, 16n, 33n, 100n, 1000n, 1_000_000n, 1_000_000_000n];
const STEPS = [1n, -1n, 2n, -2n, 4n, -4n, 8n, -8n, 16n, 64n, 255n, 256n, -256n, 4096n];

export const hostileNumber: fc.Arbitrary<HostileNumber> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('exactly' as const), value: fc.constantFrom(...SMALL, ...BORDERS) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('moved' as const), by: fc.constantFrom(...STEPS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('file length' as const), by: fc.constantFrom(0n, ...STEPS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('exactly' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  },
);

/** Numbers as JSON and structured clones hold them. */
export const hostileDouble: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2, 0.5, 3, 1e-300, 1e300, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), Number.NaN),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e9, 999_999, 65_536, 4_294_967_295),
  fc.double(),
  fc.integer(),
);
