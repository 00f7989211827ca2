/**
 * @file The implicit product for adapters computed on the processor: a thread reads A and B straight from their buffers.
 *
 * There a barrier costs more than the cache saves: on SwiftShader, [16, 4608] x [4608, 512] took 131 ms staged and 40 ms
 * so, and the pipeline compiled in 0.2 s instead of 1 s.
 */

import type { ImplicitMatMul, MatMulPlan } from './matmul-plan';
import { FLAT_GROUP } from './webgpu-pass';

const THREADS = 16;

/** Tiles of the product, and their code. */
export function planDirect(product: ImplicitMatMul): MatMulPlan {
  const { m, n } = product;
  const [rows, columns] = m <= 4 ? [4, 16] : n <= 4 ? [8, 4] : [8, 8];
  const across = Math.ceil(n / columns);
  return {
    key: ['direct', rows, columns].join(),
    groups: Math.ceil((Math.ceil(m / rows) * across) / THREADS),
    across,
    depth: 1,
    code: (hasBias) => directCode(product, rows, columns, hasBias),
  };
}

function directCode(product: ImplicitMatMul, rows: number, columns: number, hasBias: boolean): string {
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const each = (line: (i: number, j: number) => string, across: number) =>
    range(rows)
      .map((i) =>
        range(across)
          .map((j) => line(i, j))
          .join('\n  '),
      )
      .join('\n  ');
  const quads = columns / 4;
  const read = (j: number) => `readB(step, n${j})`;
  return `
${FLAT_GROUP}
${product.code}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = flatGroup(group, groups) * ${THREADS} + local;
  let row = (index / uniforms.across) * ${rows};
  let column = (index % uniforms.across) * ${columns};
  if (index >= uniforms.groups * ${THREADS} || row >= uniforms.sizeM) { return; }
  let start = group.z * uniforms.partLength;
  let end = min(start + uniforms.partLength, uniforms.sizeK);
  ${range(rows)
    .map((i) => `let row${i} = rowOf(min(row + ${i}, uniforms.sizeM - 1));`)
    .join('\n  ')}
  ${range(columns)
    .map((j) => `let n${j} = min(column + ${j}, uniforms.sizeN - 1);`)
    .join('\n  ')}
  ${each((i, j) => `var c${i}_${j} = vec4<f32>(0.0);`, quads)}
  for (var k = start; k < end; k++) {
    let step = stepOf(k);
    ${range(quads)
      .map(
        (j) =>
          `let b${j} = vec4<f32>(${range(4)
            .map((l) => read(j * 4 + l))
            .join(', ')});`,
      )
      .join('\n    ')}
    ${range(rows)
      .map(
        (i) =>
          `let a${i} = readA(row${i}, step); ${range(quads)
            .map((j) => `c${i}_${j} += a${i} * b${j};`)
            .join(' ')}`,
      )
      .join('\n    ')}
  }
  let base = group.z * uniforms.sizeM * uniforms.sizeN;
  ${range(rows)
    .map(
      (i) => `if (row + ${i} < uniforms.sizeM) {
    let first = base + (row + ${i}) * uniforms.sizeN;
    ${range(columns)
      .map(
        (j) =>
          `if (column + ${j} < uniforms.sizeN) { result[first + n${j}] = finish(c${i}_${j >> 2}[${j & 3}], n${j}); }`,
      )
      .join('\n    ')}
  }`,
    )
    .join('\n  ')}
}
fn finish(value: f32, column: u32) -> f32 {
  let sum = value${hasBias ? ' + bias[column]' : ''};
  return select(sum, uniforms.least, sum < uniforms.least);
}`;
}
