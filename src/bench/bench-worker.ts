/** @file The benchmark's worker; the studio trains in a worker too. */

import { type BenchTask, runBenchmark } from './run-benchmark';

self.onmessage = ({ data }: MessageEvent<BenchTask>) => {
  void runBenchmark(data, (event) => self.postMessage(event));
};
