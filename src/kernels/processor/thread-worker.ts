/** @file Entry of a thread: once told to, waits for parts of kernels and computes them, as long as the worker lives that started it. */

import { announceSentBytes } from '../../base/announce-sent-bytes';
import { bindKernels } from './bind-kernels';
import { JobBoard } from './job-board';

export interface ThreadStart {
  module: WebAssembly.Module;
  names: string[];
  memory: WebAssembly.Memory;
  /** Address of the thread's working memory. */
  scratch: number;
}

announceSentBytes();

self.onmessage = async ({ data }: MessageEvent<ThreadStart>) => {
  const { module, names, memory, scratch } = data;
  const functions = await bindKernels(module, names, memory);
  self.onmessage = () => new JobBoard(memory).serve(functions, scratch);
  self.postMessage('ready');
};
