/** @file The benchmark's worker; the studio trains in a worker too. */

import type { BenchOptions } from './options';
import { runBenchmark } from './run-benchmark';

export interface BenchTask {
  options: BenchOptions;
  commit: string;
}

self.onmessage = ({ data }: MessageEvent<BenchTask>) => {
  void runBenchmark(data.options, data.commit, (event) => self.postMessage(event));
};
