/** @file Reads the damaged files of a kind one after another, in a thread of its own, and reports those that fail. */

import { parentPort, workerData } from 'node:worker_threads';
import { FileThreads } from './file-threads';
import { HostileStream } from './hostile-stream';
import type { Outcome } from './judge';
import { allKinds } from './kinds';
import { isFailure, SharedTally } from './tally';

export interface FuzzTask {
  kind: string;
  seed: number;
  /** Number of the first file. */
  from: number;
  /** Number behind the last. */
  to: number;
  /** Of file-thread.ts, bundled. */
  fileThread: string;
  /** Of a {@link SharedTally}. */
  tally: SharedArrayBuffer;
}

export interface FuzzFailure {
  index: number;
  outcome: Outcome;
}

/** One file may not make the process grow by more: none here is a radiograph of 100 megapixels. */
const MOST_GROWTH_BYTES = 256 * 2 ** 20;
/** Of buffers, touched or not. */
const MOST_BUFFER_BYTES = 128 * 2 ** 20;
/** How long a file worker may be silent; the product waits for 20 seconds. */
const MAX_SILENCE_MS = 8000;

const { kind: name, seed, from, to, fileThread, tally: shared } = workerData as FuzzTask;
const kind = allKinds(new FileThreads(new URL(fileThread), MAX_SILENCE_MS)).find((known) => known.name === name);
if (!kind) throw new Error(`No kind ${name}`);
const stream = await HostileStream.open(kind, seed);
const tally = new SharedTally(shared);
for (let index = from; index < to; index += 1) {
  const file = stream.at(index);
  tally.index = index;
  const before = { peakBytes: peakBytes(), bufferBytes: process.memoryUsage().arrayBuffers };
  const read = await kind.read(file);
  const outcome = growth(before) ?? read;
  tally.add(outcome);
  if (isFailure(outcome)) parentPort?.postMessage({ index, outcome } satisfies FuzzFailure);
}
await kind.close?.();

/** A failure where this file took more memory than any of its kind should. */
function growth(before: { peakBytes: number; bufferBytes: number }): Outcome | null {
  const grownBytes = peakBytes() - before.peakBytes;
  const bufferBytes = process.memoryUsage().arrayBuffers - before.bufferBytes;
  if (grownBytes < MOST_GROWTH_BYTES && bufferBytes < MOST_BUFFER_BYTES) return null;
  const [grown, buffers] = [grownBytes, bufferBytes].map((bytes) => Math.round(bytes / 2 ** 20));
  return { kind: 'memory', what: `The process grew by ${grown} MiB, its buffers by ${buffers} MiB.` };
}

/** Most memory of the process until now. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
