/** @file The benchmark's numbers as plain data: what `--json` writes and the table shows. */

import type { NetworkId } from '../domain/network';
import type { Spread } from './statistics';

export interface NetworkReport {
  inputSize: number;
  batch: number;
  /** Medians of a training step; null where the side was left out or failed. */
  stockMs: number | null;
  oursMs: number | null;
  /** stockMs / oursMs. */
  ratio: number | null;
  stockSpreadMs: Spread | null;
  oursSpreadMs: Spread | null;
  /** Most bytes that all buffers had at once, from building the network to the last step. */
  stockPeakBytes: number | null;
  oursPeakBytes: number | null;
  /** Billions of operations a second that our step reached, and its share of {@link BenchReport.gemmGflops}. */
  gflops: number | null;
  shareOfGemm: number | null;
  /** Of one step. */
  dispatches: number | null;
  stockDispatches: number | null;
  /** Of one step by arithmetic: operations of its products, and the least it must move. */
  stepFlops: number;
  stepBytes: number;
  /** Least bytes over time: billions a second. */
  gigabytesPerSecond: number | null;
  /** 339 images, as in the notebook. */
  epochSeconds: number | null;
  stockEpochSeconds: number | null;
  augmentation: boolean;
  /** False: the two sides did not fit together and were read one after the other. */
  inTurn: boolean;
  /** Why a side has no numbers. */
  stockFailure: string | null;
  oursFailure: string | null;
}

export interface BenchReport {
  adapter: string;
  software: boolean;
  commit: string;
  /** ISO 8601. */
  date: string;
  /** Best square matrix product of this run, by either side's kernels. */
  gemmGflops: number;
  gemm: { kernels: 'stock' | 'ours'; size: number; gflops: number }[];
  networks: Partial<Record<NetworkId, NetworkReport>>;
}

/** What comes while it runs: a line for the person, after each network what there is, then the whole. */
export type BenchEvent =
  | { type: 'line'; text: string }
  | { type: 'networkMeasured'; report: BenchReport }
  | { type: 'report'; report: BenchReport }
  | { type: 'failed'; sentence: string };
