/**
 * @file How threads share a tensor [..., C]: each computes one column over a block of rows.
 *
 * A column is four channels side by side where they divide (one `vec4<f32>` read), else one. Neighbouring threads read
 * neighbouring columns. The input may be a view: the first `channels` channels of a wider tensor, as DenseNet's layers
 * read them from the block's one buffer. Sums over rows take two passes: blocks write partial results, then a few
 * threads per column combine them in a fixed order (the same bits every time on one device).
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { isSoftwareAdapter } from './adapter-kind';
import type { PassUniform } from './uniform-cache';
import { FLAT_GROUP, spreadWorkgroups } from './webgpu-pass';

const THREADS = 64;
/**
 * Threads that share the parts of one column in the combining pass. On a processor one: there a workgroup with a barrier
 * takes 0.2 ms (SwiftShader).
 */
const COMBINE_SLICES = 16;

export interface ColumnBlocks {
  rows: number;
  channels: number;
  blockCount: number;
  /** For the passes' keys: the code means something else for vectors. */
  width: 1 | 4;
  /** For {@link combineMain} and the key of its pass. */
  slices: number;
  /** Element type of every buffer indexed by column. */
  element: 'f32' | 'vec4<f32>';
  /** Over blocks and columns. */
  workgroups: [number, number, number];
  /** Over columns alone, for {@link combineMain}. */
  combineWorkgroups: [number, number, number];
  /** `stride`: columns from one row of the view to the next; `columns`: those of a dense row. */
  uniforms: Record<'rows' | 'columns' | 'stride' | 'blockRows' | 'blockCount', PassUniform>;
}

/**
 * @param blocks `few` for reductions, whose second pass reads every block; `many` for work on each element.
 * @param channels of the view; by default all.
 */
export function columnBlocks(
  backend: WebGPUBackend,
  x: TensorInfo,
  blocks: 'few' | 'many',
  channels = x.shape[x.shape.length - 1],
): ColumnBlocks {
  const wide = x.shape[x.shape.length - 1];
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const width = channels % 4 === 0 && wide % 4 === 0 ? 4 : 1;
  const columns = channels / width;
  const software = isSoftwareAdapter(backend);
  const slices = software ? 1 : COMBINE_SLICES;
  const mostBlocks = software ? 64 : Math.min(2048, Math.ceil(65536 / columns));
  const blockRows = blocks === 'few' ? Math.max(16, Math.ceil(rows / mostBlocks)) : 8;
  const blockCount = Math.ceil(rows / blockRows);
  const count = (value: number): PassUniform => ({ type: 'u32', value });
  return {
    rows,
    channels,
    blockCount,
    width,
    slices,
    element: width === 4 ? 'vec4<f32>' : 'f32',
    workgroups: spreadWorkgroups(Math.ceil((blockCount * columns) / THREADS)),
    combineWorkgroups: [Math.ceil((columns * slices) / THREADS), 1, 1],
    uniforms: {
      rows: count(rows),
      columns: count(columns),
      stride: count(wide / width),
      blockRows: count(blockRows),
      blockCount: count(blockCount),
    },
  };
}

/** WGSL: the head of `main` for {@link ColumnBlocks.workgroups}: `column`, `block`, rows `first` to `end`. */
export const COLUMN_MAIN = `${FLAT_GROUP}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = flatGroup(group, groups) * ${THREADS} + local;
  let column = index % uniforms.columns;
  let block = index / uniforms.columns;
  if (block >= uniforms.blockCount) { return; }
  let first = block * uniforms.blockRows;
  let end = min(first + uniforms.blockRows, uniforms.rows);
`;

/** What a combining pass does with the partial results of a column; WGSL statements. */
export interface Combination {
  /** Type of the accumulator `sum`, which starts as its zero. */
  type: string;
  /** Adds `part` of `column` to `sum`. */
  fold: string;
  /** Adds another thread's `other` to `sum`. */
  merge: string;
  /** Stores the `sum` of `column`. */
  write: string;
}

/** WGSL: `main` of a combining pass, for {@link ColumnBlocks.combineWorkgroups}. */
export function combineMain(slices: number, { type, fold, merge, write }: Combination): string {
  const columns = THREADS / slices;
  const share = `
  slicesOf[local] = sum;
  workgroupBarrier();
  if (slice > 0 || column >= uniforms.columns) { return; }
  for (var i = 1u; i < ${slices}u; i++) {
    let other = slicesOf[local + i * ${columns}];
    ${merge}
  }`;
  return `
${slices > 1 ? `var<workgroup> slicesOf: array<${type}, ${THREADS}>;` : ''}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let column = group.x * ${columns} + local % ${columns};
  let slice = local / ${columns};
  var sum = ${type}();
  if (column < uniforms.columns) {
    for (var part = slice; part < uniforms.blockCount; part += ${slices}) { ${fold} }
  }
  ${slices > 1 ? share : 'if (column >= uniforms.columns) { return; }'}
  ${write}
}`;
}
