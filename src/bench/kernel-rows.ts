/**
 * @file What `--kernels` measures: for each kernel of ours its cost by arithmetic and how stock TensorFlow.js computes the same.
 *
 * To add a kernel: a row here. Costs are those of the table in kernels/webgpu/README.md. "Stock" is what plain `tf.layers` runs
 * while its tape records: bias and ReLU then are kernels of their own, a concatenation copies, an optimizer is TensorFlow.js'.
 */

import type { KernelRow } from './kernel-row';
import { NETWORK_ROWS } from './kernel-rows-network';
import { PRODUCT_ROWS } from './kernel-rows-product';
import { UPDATE_ROWS } from './kernel-rows-update';

/** By the name the kernel is called by; in the order of the table. */
export const KERNEL_ROWS: Readonly<Record<string, KernelRow>> = { ...PRODUCT_ROWS, ...UPDATE_ROWS, ...NETWORK_ROWS };
