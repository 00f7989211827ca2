/**
 * @file Named, seeded random streams.
 *
 * Every random number of Thorax comes from a stream named for its use ("shuffle", "augment", "init"), so that drawing
 * more from one stream never changes another. A stream's state is four 32-bit integers and can be stored and restored.
 * The generator is xoroshiro128+ of pure-rand.
 */

import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export type RandomState = readonly number[];

/** A stream of random numbers with a name; its state can be stored. */
export class RandomStream {
  private constructor(private readonly generator: RandomGenerator) {}

  /** The stream of this name under this seed; different names give unrelated streams. */
  static named(seed: number, name: string): RandomStream {
    return new RandomStream(xoroshiro128plus(mix(seed, name)));
  }

  static fromState(state: RandomState): RandomStream {
    return new RandomStream(xoroshiro128plusFromState(state));
  }

  get state(): RandomState {
    return this.generator.getState();
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    return this.generator.next() >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.uniform();
  }

  /** Uniform whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A new array in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }
}

/** FNV-1a over the name, stirred with the seed. */
function mix(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) | 0;
}
