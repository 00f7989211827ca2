/** @file Damaged images through the browser's decoders: a few in `npm test`, thousands by `npm run fuzz`. No GPU is needed. */

import { describe, expect, it } from 'vitest';
import { HostileStream } from './hostile-stream';
import type { Outcome } from './judge';
import { BROWSER_IMAGES } from './kinds/browser-images';
import { isFailure, SharedTally } from './tally';

/** Set by `npm run fuzz`. */
const { VITE_FUZZ_COUNT: count = '60', VITE_FUZZ_SEED: seed = '11', VITE_FUZZ_KIND: only } = import.meta.env;
const HANG_MS = 20_000;
/** A kind that fails again and again says nothing new. */
const MOST_FAILURES = 25;

describe('damaged images are decoded or refused in a sentence that names them', () => {
  it.each(BROWSER_IMAGES.filter(({ name }) => only === undefined || only === name))(
    '$name',
    async (kind) => {
      const tally = new SharedTally(new ArrayBuffer(SharedTally.BYTES));
      const stream = await HostileStream.open(kind, Number(seed));
      const failures: { index: number; outcome: Outcome; parts: Record<string, string> }[] = [];
      const startedMs = performance.now();
      for (let index = 0; index < Number(count) && failures.length < MOST_FAILURES; index += 1) {
        const bytes = stream.at(index);
        const outcome = await Promise.race([kind.read(bytes as Uint8Array<ArrayBuffer>), hanging()]);
        tally.add(outcome);
        if (!isFailure(outcome)) continue;
        const parts = Object.entries(await kind.partsOf(bytes as Uint8Array<ArrayBuffer>));
        failures.push({
          index,
          outcome,
          parts: Object.fromEntries(parts.map(([name, part]) => [name, encoded(part)])),
        });
      }
      const counts = tally.counts();
      if (only)
        console.log(JSON.stringify({ fuzzed: only, tally: counts, timeMs: performance.now() - startedMs, failures }));
      expect(failures).toEqual([]);
      expect(counts.read).toBeGreaterThan(0);
      expect(counts.refused).toBeGreaterThan(0);
    },
    3_600_000,
  );
});

function hanging(): Promise<Outcome> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ kind: 'hang', what: `No end after ${HANG_MS / 1000} seconds.` }), HANG_MS);
  });
}

function encoded(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes.subarray(0, 60_000)));
}
