/** @file A row of the table of kernels: how one kernel is measured, and helpers that all rows share. */

import * as tf from '@tensorflow/tfjs';
import { runKernel, runKernels } from '../networks/layers/run-kernel';
import type { KernelCall, TensorSpec } from './record-calls';

export type Tensors = Record<string, tf.Tensor>;
export type Specs = Record<string, TensorSpec>;

export interface CallCost {
  /** Floating-point operations, a multiplication and its addition counted as two. */
  flops: number;
  /** The least that must be read and written. */
  bytes: number;
}

/** Computes once; the caller's `tf.tidy` frees the results. */
export type Work = () => unknown;

export interface KernelRow {
  title: string;
  /** The speed of a product is shown in GFLOP/s, everything else in GB/s. */
  product: boolean;
  /** The shapes of a call as a person reads them, without the batch. */
  describe(call: KernelCall): string;
  /** Calls of different forms (3x3, 1x7, stride 2) are measured before a second shape of one form. */
  form?(call: KernelCall): string;
  cost(call: KernelCall): CallCost;
  /** Tensors whose numbers follow from the others'; by default all are independent. */
  derive?(tensors: Tensors, call: KernelCall): Tensors;
  /** By default the recorded call itself. */
  ours?(tensors: Tensors, call: KernelCall): Work;
  /** Inputs of the stock side where they differ; null: plain `tf.layers` has no counterpart. */
  stockInputs?(call: KernelCall): Specs | null;
  /** By default the kernel of the same name. */
  stock?(tensors: Tensors, call: KernelCall): Work;
}

/** The recorded call. */
export function sameCall(tensors: Tensors, { kernel, attributes }: KernelCall): Work {
  return () => runKernel(kernel, tensors, attributes);
}

/** The same for kernels that give several tensors or, writing into their inputs, none. */
export function sameCalls(tensors: Tensors, { kernel, attributes }: KernelCall): Work {
  return () => runKernels(kernel, tensors, attributes);
}

export const sizeOf = ({ shape }: TensorSpec): number => tf.util.sizeFromShape(shape);

/** The shape without the batch: `56x56x64` of [B, 56, 56, 64]. */
export const shapeText = ({ shape }: TensorSpec): string => shape.slice(1).join('x') || String(shape[0]);

/** The first `channels` of the last axis. */
export function narrowed({ shape, dtype }: TensorSpec, channels: number): TensorSpec {
  return { shape: [...shape.slice(0, -1), channels], dtype };
}
