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
  /** Billions of operations per second that our step reached, and its share of {@link BenchReport.gemmGflops}. */
  gflops: number | null;
  shareOfGemm: number | null;
  /** Dispatches of one step. */
  dispatches: number | null;
  stockDispatches: number | null;
  /** Of one step by arithmetic: operations of its products, and the least bytes that it must read and write. */
  stepFlops: number;
  stepBytes: number;
  /** Least bytes over time, billions per second. */
  gigabytesPerSecond: number | null;
  /** 339 images, as in the notebook. */
  epochSeconds: number | null;
  stockEpochSeconds: number | null;
  augmentation: boolean;
  /** First losses, from the same weights and images: both sides are measured only if these agree. */
  firstLosses: { stock?: number; ours?: number };
  /** False: the two sides did not fit together and were read one after the other. */
  inTurn: boolean;
  /** Why a side has no numbers. */
  stockFailure: string | null;
  oursFailure: string | null;
}

/** One kernel at one shape. */
export interface KernelReport {
  /** As TensorFlow.js knows it, and as people do. */
  kernel: string;
  title: string;
  shape: string;
  batch: number;
  /** How often one training step of each network calls it at this shape. */
  calls: Partial<Record<NetworkId, number>>;
  /** By arithmetic: operations, and the least bytes that must be read and written. */
  flops: number;
  bytes: number;
  stockMs: number | null;
  oursMs: number | null;
  ratio: number | null;
  stockSpreadMs: Spread | null;
  oursSpreadMs: Spread | null;
  /** Of ours. A product is limited by the first, all else by the second. */
  gflops: number | null;
  gigabytesPerSecond: number | null;
  product: boolean;
  /** Why there is no number; null too where plain `tf.layers` does nothing like it. */
  stockFailure: string | null;
  oursFailure: string | null;
}

/** One moment of a soak, with the queue empty. */
export interface SoakReading {
  step: number;
  /** Bytes of all GPU buffers that exist, and of those that hold something. */
  allocatedBytes: number;
  usedBytes: number;
  /** Live tensors. */
  tensors: number;
  loss: number;
}

export interface SoakReport {
  inputSize: number;
  batch: number;
  /** Taken, of those asked for. */
  steps: number;
  seconds: number;
  peakBytes: number;
  readings: SoakReading[];
  /** What went wrong, one sentence each; empty when memory stayed flat and there was no error. */
  complaints: string[];
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
  /** Of `--kernels`. */
  kernels?: KernelReport[];
  /** Of `--soak`. */
  soak?: Partial<Record<NetworkId, SoakReport>>;
}

/** Reports of a benchmark run: a line for the person, after each network or kernel all numbers so far, then the whole. */
export type BenchEvent =
  | { type: 'line'; text: string }
  | { type: 'measured'; report: BenchReport }
  | { type: 'report'; report: BenchReport }
  | { type: 'failed'; sentence: string };
