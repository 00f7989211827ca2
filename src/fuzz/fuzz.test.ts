/** @file A few damaged files of each kind; `npm run fuzz` reads thousands. */

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFuzz } from '../../.ci/bundle-fuzz.mjs';
import { FileThreads } from './file-threads';
import { KIND_NAMES } from './kind-names';
import { allKinds } from './kinds';
import { isFailure } from './tally';

const SEED = 11;
/** A file that stops its thread costs this long. */
const MAX_SILENCE_MS = 2000;

let bundle: Awaited<ReturnType<typeof bundleFuzz>>;

beforeAll(async () => {
  bundle = await bundleFuzz(['file-thread']);
});

afterAll(() => bundle.remove());

describe('damaged files are read or refused in a sentence that names them', () => {
  it.each(KIND_NAMES)('%s', async (name) => {
    const threads = new FileThreads(bundle.urlOf('file-thread'), MAX_SILENCE_MS);
    const kind = allKinds(threads).find((known) => known.name === name)!;
    const inThreads = kind.close !== undefined;
    const outcomes: string[] = [];
    const property = fc.asyncProperty(await kind.files(), async (file) => {
      const outcome = await kind.read(file);
      outcomes.push(outcome.kind);
      if (isFailure(outcome)) throw new Error(JSON.stringify(outcome, null, 1));
    });
    try {
      // Making a failing Keras file smaller would read thousands.
      await fc.assert(property, { seed: SEED, numRuns: kind.quickCount, endOnFailure: inThreads });
    } finally {
      await kind.close?.();
    }
    // Damage that every reader overlooks, or that none gets past, would prove nothing.
    expect(new Set(outcomes)).toEqual(new Set(['read', 'refused', ...outcomes]));
  });
});
