/**
 * @file `DenseAdamUpdate` and `DenseSgdUpdate`: a dense kernel's gradient and its update in one dispatch, so that the
 * gradient (1 GiB for InceptionV3's first dense layer) never exists.
 *
 * With few samples the product x^T dy costs less than reading the kernel: a thread computes the gradient of eight rows of
 * up to four columns (one `vec4<f32>` where they divide) and reads and writes value and slots once. Its x is shared by
 * its neighbours and its dy by all rows, so both come from caches.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type {
  AdamAttributes,
  DenseAdamInputs,
  DenseSgdInputs,
  DenseUpdateInputs,
  FirstRow,
  SgdAttributes,
} from '../update-inputs';
import { adamCode, adamUniforms } from './adam-update';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import { sgdCode, sgdUniforms } from './sgd-update';
import type { PassUniform } from './uniform-cache';
import { prepareInPlace, runPass, spreadWorkgroups } from './webgpu-pass';

/** Rows of the kernel per thread. */
const THREAD_ROWS = 8;
/** Kernels narrower than this many threads give a thread rows far apart, so that neighbours meet in memory. */
const NARROW = 32;

/** Adam with the gradient x^T dy, in place. */
export function denseAdamUpdate(
  backend: WebGPUBackend,
  { x, dy, value, m, v }: DenseAdamInputs,
  { firstRow, ...attributes }: AdamAttributes & FirstRow,
): void {
  denseUpdate(backend, 'adam', { x, dy, value }, firstRow, { m, v }, adamCode, adamUniforms(attributes));
}

/** Gradient descent with the gradient x^T dy, in place; with momentum where there is a velocity. */
export function denseSgdUpdate(
  backend: WebGPUBackend,
  { x, dy, value, velocity }: DenseSgdInputs,
  { firstRow, ...attributes }: SgdAttributes & FirstRow,
): void {
  const slots: Record<string, TensorInfo> = velocity ? { velocity } : {};
  const code = (type: string) => sgdCode(type, !!velocity);
  denseUpdate(backend, `sgd-${!!velocity}`, { x, dy, value }, firstRow, slots, code, sgdUniforms(attributes));
}

function denseUpdate(
  backend: WebGPUBackend,
  rule: string,
  { x, dy, value }: DenseUpdateInputs,
  firstRow: number,
  slots: Record<string, TensorInfo>,
  ruleCode: (type: string) => string,
  ruleUniforms: Record<string, PassUniform>,
): void {
  const inPlace = { value, ...slots };
  for (const tensor of Object.values(inPlace)) prepareInPlace(backend, tensor);
  const [batch, depth] = x.shape;
  const [rows, wide] = value.shape;
  util.assert(firstRow + rows <= depth && dy.shape[1] === wide, () => 'The dense update is of another kernel.');
  const width = wide % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4<f32>' : 'f32';
  // Without vectors a thread takes as many columns one by one.
  const lanes = width === 4 ? 1 : Math.min(wide, 4);
  const columns = wide / width;
  const across = Math.ceil(columns / lanes);
  const blocks = Math.ceil(rows / THREAD_ROWS);
  const size = blocks * across;
  const [blockStep, rowStep] = across < NARROW ? [1, blocks] : [THREAD_ROWS, 1];
  const numbers = { size, batch, depth, firstRow, rows, columns, across, blockStep, rowStep };
  const counts = Object.entries(numbers).map(([name, count]) => [name, { type: 'u32', value: count }] as const);
  runPass(backend, {
    key: ['dense-update', rule, width, lanes].join(),
    buffers: [
      ...Object.entries(inPlace).map(([name, tensor]) => ({ name, tensor, access: 'read_write', element }) as const),
      { name: 'x', tensor: x, access: 'read' },
      { name: 'dy', tensor: dy, access: 'read', element },
    ],
    uniforms: { ...Object.fromEntries(counts), ...ruleUniforms },
    code: () => updateCode(element, lanes, ruleCode(element)),
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  });
}

function updateCode(type: string, lanes: number, rule: string): string {
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const rows = (line: (row: number) => string) => range(THREAD_ROWS).map(line).join('\n  ');
  const columns = (line: (lane: number) => string) => range(lanes).map(line).join(' ');
  return `${rule}${ELEMENT_MAIN}
  let left = i % uniforms.across * ${lanes};
  let first = i / uniforms.across * uniforms.blockStep;
  ${columns((lane) => `let column${lane} = min(left + ${lane}, uniforms.columns - 1);`)}
  ${rows((row) => `let row${row} = min(first + ${row} * uniforms.rowStep, uniforms.rows - 1);`)}
  ${rows((row) => columns((lane) => `var g${row}_${lane} = ${type}();`))}
  for (var sample = 0u; sample < uniforms.batch; sample++) {
    let at = sample * uniforms.depth + uniforms.firstRow;
    ${columns((lane) => `let d${lane} = dy[sample * uniforms.columns + column${lane}];`)}
    ${rows((row) => `let x${row} = x[at + row${row}]; ${columns((lane) => `g${row}_${lane} += x${row} * d${lane};`)}`)}
  }
  ${rows(
    (row) => `if (first + ${row} * uniforms.rowStep < uniforms.rows) {
    let at = row${row} * uniforms.columns;
    ${columns((lane) => `if (left + ${lane} < uniforms.columns) { update(at + column${lane}, g${row}_${lane}); }`)}
  }`,
  )}
}`;
}
