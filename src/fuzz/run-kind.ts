/**
 * @file One kind of hostile files, many of them. A process of its own: its memory is this kind's, and it cannot take the others
 * with it.
 *
 * Takes a {@link KindTask} as JSON; prints lines of JSON, {@link KindLine}, the last one at its end.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { FileThreads } from './file-threads';
import type { FuzzFailure, FuzzTask } from './fuzz-thread';
import { HostileStream } from './hostile-stream';
import type { Outcome } from './judge';
import { allKinds } from './kinds';
import { SharedTally, type Tally } from './tally';

export interface KindTask {
  kind: string;
  seed: number;
  count: number;
  /** Where files that fail are saved; null saves none. */
  folder: string | null;
}

export type KindLine =
  | { type: 'failure'; index: number; outcome: Outcome; savedAs: string | null }
  | { type: 'progress'; done: number }
  /** `peakBytes`: null where it is not measured. */
  | { type: 'end'; tally: Tally; peakBytes: number | null; timeMs: number };

/** Of the process' own computing: on a busy machine a minute may be little. As long as the product waits for a file worker. */
const HANG_COMPUTED_MS = 20_000;
/** What waits for nothing does not compute. */
const HANG_MS = 300_000;
const LOOK_EVERY_MS = 500;
const REPORT_EVERY = 500;
/** A kind that fails again and again says nothing new. */
const MOST_FAILURES = 25;
/** Of a thread's objects; buffers are watched file by file. */
const MOST_HEAP_MB = 512;

const task = JSON.parse(process.argv[2]) as KindTask;
const fileThread = new URL('./file-thread.mjs', import.meta.url);
const shared = new SharedArrayBuffer(SharedTally.BYTES);
const tally = new SharedTally(shared);
const startedMs = performance.now();
const reports: Promise<void>[] = [];
let reported = 0;

// Ended early, it says what it has read until then.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, finish);
for (let from = 0; from < task.count && reports.length < MOST_FAILURES; ) from = await runThread(from);
await Promise.all(reports);
finish();

function finish(): never {
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  say({ type: 'end', tally: tally.counts(), peakBytes, timeMs: performance.now() - startedMs });
  process.exit(0);
}

/** Reads files from this one on in a new thread. @returns the number of the next that nobody has read. */
async function runThread(from: number): Promise<number> {
  tally.index = from;
  const { kind, seed } = task;
  const workerData: FuzzTask = { kind, seed, from, to: task.count, fileThread: fileThread.href, tally: shared };
  const resourceLimits = { maxOldGenerationSizeMb: MOST_HEAP_MB };
  const thread = new Thread(new URL('./fuzz-thread.mjs', import.meta.url), { workerData, resourceLimits });
  thread.on('message', ({ index, outcome }: FuzzFailure) => reports.push(report(index, outcome)));
  const broken = await whenBroken(thread, from);
  await thread.terminate();
  if (broken === null) return task.count;
  tally.add(broken);
  reports.push(report(tally.index, broken));
  return tally.index + 1;
}

/** Null when the thread has come to its end; else what became of the file at hand. */
function whenBroken(thread: Thread, from: number): Promise<Outcome | null> {
  return new Promise((resolve) => {
    let seen = { index: from, ms: performance.now(), computedMs: computedMs() };
    const timer = setInterval(() => {
      if (reports.length >= MOST_FAILURES) return resolve(null);
      const { index } = tally;
      if (index - reported >= REPORT_EVERY) {
        reported = index;
        say({ type: 'progress', done: index });
      }
      const now = { index, ms: performance.now(), computedMs: computedMs() };
      if (index !== seen.index) seen = now;
      else if (now.computedMs - seen.computedMs > HANG_COMPUTED_MS || now.ms - seen.ms > HANG_MS) {
        const [computed, all] = [now.computedMs - seen.computedMs, now.ms - seen.ms].map((ms) => Math.round(ms / 1000));
        resolve({ kind: 'hang', what: `No end after ${all} seconds, ${computed} of them computed.` });
      }
    }, LOOK_EVERY_MS);
    thread.on('error', (error) =>
      resolve({ kind: 'crash', what: `The thread died: ${error instanceof Error ? error.stack : error}` }),
    );
    thread.on('exit', () => {
      clearInterval(timer);
      resolve(null);
    });
  });
}

/** What the process has computed until now, all threads together. */
function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function report(index: number, outcome: Outcome): Promise<void> {
  const notSaved = (error: unknown) => `nothing: making the file again failed (${String(error)})`;
  const savedAs = task.folder && (await save(index, task.folder).catch(notSaved));
  say({ type: 'failure', index, outcome, savedAs });
}

/** The file is made anew: the thread that read it may be stuck. */
async function save(index: number, root: string): Promise<string> {
  const kind = allKinds(new FileThreads(fileThread, HANG_MS)).find(({ name }) => name === task.kind);
  if (!kind) throw new Error(`No kind ${task.kind}`);
  const file = (await HostileStream.open(kind, task.seed)).at(index);
  const folder = join(root, `${task.kind}-${task.seed}-${index}`);
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(await kind.partsOf(file))) {
    await writeFile(join(folder, name.replaceAll(/[^\w.-]/g, '_').slice(0, 100) || '_'), bytes);
  }
  return folder;
}

function say(line: KindLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
