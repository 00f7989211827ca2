/** @file A thread that takes one part and never ends it, as one leaves it that dies in the middle. For tests only. */

import { JobBoard } from './job-board';
import type { ThreadStart } from './thread-worker';

self.onmessage = ({ data: { names, memory } }: MessageEvent<ThreadStart>) => {
  const functions = names.map(() => die);
  self.onmessage = () => new JobBoard(memory).serve(functions, 0);
  self.postMessage('ready');
};

function die(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
