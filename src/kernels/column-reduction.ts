/**
 * @file How a tensor [..., C] is walked column by column: a thread takes one channel and a block of rows.
 *
 * Neighbouring threads read neighbouring channels, nothing is shared, no barrier is needed. Sums over rows come in two
 * passes: blocks write partial results, then one thread a channel combines them in order (the same bits every time).
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { PassUniform } from './webgpu-pass';

/** Threads of a workgroup: channels side by side. */
export const CHANNEL_THREADS = 64;

export interface ColumnBlocks {
  rows: number;
  channels: number;
  blockCount: number;
  /** Workgroups over (channels, blocks). */
  workgroups: [number, number, number];
  /** Workgroups over channels alone. */
  channelWorkgroups: [number, number, number];
  uniforms: { rows: PassUniform; channels: PassUniform; blockRows: PassUniform; blockCount: PassUniform };
}

/** @param blocks `few` for reductions, whose second pass reads every block; `many` for work on each element. */
export function columnBlocks(x: TensorInfo, blocks: 'few' | 'many'): ColumnBlocks {
  const channels = x.shape[x.shape.length - 1];
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const blockRows = blocks === 'few' ? Math.max(32, Math.ceil(rows / 256)) : Math.max(16, Math.ceil(rows / 65535));
  const blockCount = Math.ceil(rows / blockRows);
  const groups = Math.ceil(channels / CHANNEL_THREADS);
  const count = (value: number): PassUniform => ({ type: 'u32', value });
  return {
    rows,
    channels,
    blockCount,
    workgroups: [groups, blockCount, 1],
    channelWorkgroups: [groups, 1, 1],
    uniforms: {
      rows: count(rows),
      channels: count(channels),
      blockRows: count(blockRows),
      blockCount: count(blockCount),
    },
  };
}

/** WGSL: the head of `main` for {@link ColumnBlocks.workgroups}: `channel`, `block`, rows `first` to `end`. */
export const COLUMN_MAIN = `
@compute @workgroup_size(${CHANNEL_THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let channel = id.x;
  let block = id.y;
  if (channel >= uniforms.channels || block >= uniforms.blockCount) { return; }
  let first = block * uniforms.blockRows;
  let end = min(first + uniforms.blockRows, uniforms.rows);
`;
