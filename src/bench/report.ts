/** @file The benchmark's numbers as plain data: what `--json` writes and the table shows. */

import type { DeviceKind } from '../domain/device';
import type { NetworkId } from '../domain/network';
import type { MeasuredSide, SideName } from './side-name';
import type { Spread } from './statistics';

/** What was measured of one side's training step. */
export interface SideReport {
  /** Median of a step. */
  ms: number;
  spreadMs: Spread;
  /**
   * Most bytes at once, from building the network to the last step: of all GPU buffers, of what was in use of the processor's memory,
   * of Keras' whole process.
   */
  peakBytes: number;
  /** What the processor's memory had grown to. */
  heapBytes?: number;
  /** Of one step, on WebGPU. */
  dispatches?: number;
}

export interface NetworkReport {
  inputSize: number;
  batch: number;
  /** Of the sides measured here; Keras' step has none. */
  augmentation: boolean;
  /** A side that was left out or failed is not there. */
  sides: Partial<Record<SideName, SideReport>>;
  /** A side's time over ours. */
  ratios: Partial<Record<SideName, number>>;
  /** Why a side has no numbers. */
  failures: Partial<Record<SideName, string>>;
  /** Of ours: images per second, billions of operations per second, and their share of {@link BenchReport.gemmGflops}. */
  imagesPerSecond: number | null;
  gflops: number | null;
  shareOfGemm: number | null;
  /** Of one step by arithmetic: operations of its products, and the least bytes that it must read and write. */
  stepFlops: number;
  stepBytes: number;
  /** Least bytes over our time, billions per second. */
  gigabytesPerSecond: number | null;
  /** First losses, from the same weights and images: sides are measured only if these agree. */
  firstLosses: Partial<Record<SideName, number>>;
  /** False: the sides did not fit together and were read one after the other. */
  inTurn: boolean;
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
  /** Medians; a side that was left out, failed or has nothing like it is not there. */
  sides: Partial<Record<SideName, { ms: number; spreadMs: Spread }>>;
  ratios: Partial<Record<SideName, number>>;
  failures: Partial<Record<SideName, string>>;
  /** Of ours. A product is limited by the first, all else by the second. */
  gflops: number | null;
  gigabytesPerSecond: number | null;
  product: boolean;
  /** Of a product: its share of {@link BenchReport.gemmGflops}. */
  shareOfGemm: number | null;
}

/** One moment of a soak, with the queue empty. */
export interface SoakReading {
  step: number;
  /** Bytes of all GPU buffers that exist or of the processor's whole memory, and of what holds something. */
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

/** Where Keras' numbers come from. */
export interface KerasHeader {
  /** Versions, and whether XLA compiled the step. */
  adapter: string;
  processor: string;
  threads: number;
  /** ISO 8601. */
  date: string;
}

export interface BenchReport {
  /** What "ours" computes on, and its name. */
  device: DeviceKind;
  adapter: string;
  /** The adapter is computed on the processor. */
  software: boolean;
  /** The machine's processor, its cores included. */
  processor: string;
  /** Of the processor device: how many threads computed, and which build of the kernels. */
  threads?: number;
  build?: 'plain' | 'relaxed';
  /** The adapter of the sides on WebGPU beside the processor. */
  webgpuAdapter?: string;
  commit: string;
  /** ISO 8601. */
  date: string;
  /** Best square matrix product of this run; on WebGPU by either side's kernels. */
  gemmGflops: number;
  gemm: { kernels: MeasuredSide; size: number; gflops: number }[];
  networks: Partial<Record<NetworkId, NetworkReport>>;
  keras?: KerasHeader;
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
