/**
 * @file How a tensor [..., C] is walked column by column: a thread takes one column and a block of rows.
 *
 * A column is four channels side by side where they divide (one `vec4<f32>` read), else one. Neighbouring threads read
 * neighbouring columns. The input may be a view: the first `channels` channels of a wider tensor, as DenseNet's layers
 * read them from the block's one buffer. Sums over rows come in two passes: blocks write partial results, then a few
 * threads a column combine them in a fixed order (the same bits every time on one device).
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { FLAT_GROUP, isSoftwareAdapter, type PassUniform, spreadWorkgroups } from './webgpu-pass';

const THREADS = 64;
/** In the combining pass a workgroup takes 4 columns, and 16 threads share each one's parts. */
const COMBINE_COLUMNS = 4;
const COMBINE_SLICES = 16;

export interface ColumnBlocks {
  rows: number;
  channels: number;
  blockCount: number;
  /** For the pass' key: the code means something else for vectors. */
  width: 1 | 4;
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
  const mostBlocks = isSoftwareAdapter(backend) ? 64 : Math.min(2048, Math.ceil(65536 / columns));
  const blockRows = blocks === 'few' ? Math.max(16, Math.ceil(rows / mostBlocks)) : 8;
  const blockCount = Math.ceil(rows / blockRows);
  const count = (value: number): PassUniform => ({ type: 'u32', value });
  return {
    rows,
    channels,
    blockCount,
    width,
    element: width === 4 ? 'vec4<f32>' : 'f32',
    workgroups: spreadWorkgroups(Math.ceil((blockCount * columns) / THREADS)),
    combineWorkgroups: [Math.ceil(columns / COMBINE_COLUMNS), 1, 1],
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

/**
 * WGSL: `main` of a combining pass, for {@link ColumnBlocks.combineWorkgroups}.
 * @param type of the accumulator `sum`, and its start.
 * @param fold statement that takes `part` of `column` into `sum`.
 * @param merge statement that takes another thread's `other` into `sum`.
 * @param write statements that store the `sum` of `column`.
 */
export function combineMain(type: string, start: string, fold: string, merge: string, write: string): string {
  const threads = COMBINE_COLUMNS * COMBINE_SLICES;
  return `
var<workgroup> slices: array<${type}, ${threads}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let column = group.x * ${COMBINE_COLUMNS} + local % ${COMBINE_COLUMNS};
  let slice = local / ${COMBINE_COLUMNS};
  var sum = ${start};
  if (column < uniforms.columns) {
    for (var part = slice; part < uniforms.blockCount; part += ${COMBINE_SLICES}) { ${fold} }
  }
  slices[local] = sum;
  workgroupBarrier();
  if (slice > 0 || column >= uniforms.columns) { return; }
  for (var i = 1u; i < ${COMBINE_SLICES}u; i++) {
    let other = slices[local + i * ${COMBINE_COLUMNS}];
    ${merge}
  }
  ${write}
}`;
}
