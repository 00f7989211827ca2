/**
 * @file The implicit product for adapters computed on the processor: a thread reads A and B straight from their buffers.
 *
 * There a barrier costs more than the cache saves: on SwiftShader, [16, 4608] x [4608, 512] took 131 ms staged and 40 ms
 * so, and the pipeline compiled in 0.2 s instead of 1 s. Threads are the lanes of the processor's vectors, so the parts of
 * a vec4 cost nothing to rearrange, while every load costs an address and a bounds check: four at a time is what pays.
 */

import type { Fours, ImplicitMatMul, MatMulPlan } from './matmul-plan';
import { FLAT_GROUP } from './webgpu-pass';

const THREADS = 16;

/** Tiles of the product, and their code. */
export function planDirect(product: ImplicitMatMul): MatMulPlan {
  const { m, n } = product;
  const [rows, columns] = n <= 4 ? [m <= 4 ? 4 : 8, 4] : m <= 4 ? [4, 16] : [8, 8];
  const across = Math.ceil(n / columns);
  const fours = foursOf(product);
  const groups = Math.ceil((Math.ceil(m / rows) * across) / THREADS);
  return {
    key: ['direct', rows, columns, fours.a, fours.b].join(),
    groups,
    across,
    split: { groups, depth: 4 },
    code: (hasBias) => directCode({ ...product, fours }, rows, columns, hasBias),
    fours,
  };
}

/** With B along n, four terms of A at once take four rows of B too: more than the registers hold, and 1.4 times slower. */
function foursOf({ fours, aAlong, bAlong }: ImplicitMatMul): Fours {
  return { ...fours, a: fours.a && !(aAlong === 'k' && bAlong === 'n') };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function directCode(product: ImplicitMatMul, rows: number, columns: number, hasBias: boolean): string {
  const { fours, aAlong, bAlong } = product;
  /** Terms of the sum per turn of the loop: four where an operand is read four at a time. */
  const turn = (fours.a && aAlong === 'k') || (fours.b && bAlong === 'k') ? 4 : 1;
  const a = rowReads(product, rows, turn);
  const b = columnReads(product, columns, turn);
  const sums = range(rows).flatMap((i) => range(columns / 4).map((j) => `c${i}_${j}`));
  const products = range(turn).flatMap((kk) =>
    range(rows).flatMap((i) => range(columns / 4).map((j) => `c${i}_${j} += ${a.value(i, kk)} * ${b.value(j, kk)};`)),
  );
  return `
${FLAT_GROUP}
${product.code(fours)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = (flatGroup(group, groups) + uniforms.firstGroup) * ${THREADS} + local;
  let row = (index / uniforms.across) * ${rows};
  let column = (index % uniforms.across) * ${columns};
  if (index >= uniforms.groups * ${THREADS} || row >= uniforms.sizeM) { return; }
  let start = group.z * uniforms.partLength;
  let end = min(start + uniforms.partLength, uniforms.sizeK);
  ${a.places.join('\n  ')}
  ${b.places.join('\n  ')}
  ${sums.map((sum) => `var ${sum} = vec4<f32>(0.0);`).join(' ')}
  var step0 = stepOf(start);
  for (var k = start; k < end; k += ${turn}) {
    ${range(turn - 1)
      .map((kk) => `let step${kk + 1} = nextStep(step${kk}, k + ${kk + 1}, 1);`)
      .join(' ')}
    ${[...a.reads, ...b.reads, ...products].join('\n    ')}
    step0 = nextStep(step0, k + ${turn}, ${turn});
  }
  let base = group.z * uniforms.sizeM * uniforms.sizeN;
  ${range(rows)
    .map(
      (i) => `if (row + ${i} < uniforms.sizeM) {
    let first = base + placeOf(row + ${i}) * uniforms.sizeN + column;
    ${range(columns)
      .map(
        (j) =>
          `if (column + ${j} < uniforms.sizeN) { result[first + ${j}] = finish(c${i}_${j >> 2}[${j & 3}], column + ${j}); }`,
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

interface Reads {
  /** Computed once per thread. */
  places: string[];
  /** Computed once per turn. */
  reads: string[];
  /** The factor of row i (A), or the four of columns 4 j .. 4 j + 3 (B), for term kk of the turn. */
  value: (index: number, kk: number) => string;
}

/** What a thread reads of A. Past the edge it reads the last row again, and stores nothing of it. */
function rowReads({ fours, aAlong }: ImplicitMatMul, rows: number, turn: number): Reads {
  if (fours.a && aAlong === 'm') {
    return {
      places: range(rows / 4).map((q) => `let row${q} = rowOf(min(row + ${q * 4}, uniforms.sizeM - 4));`),
      reads: range(rows / 4).flatMap((q) => range(turn).map((kk) => `let a${q}_${kk} = readA4(row${q}, step${kk});`)),
      value: (i, kk) => `a${i >> 2}_${kk}[${i & 3}]`,
    };
  }
  const places = range(rows).map((i) => `let row${i} = rowOf(min(row + ${i}, uniforms.sizeM - 1));`);
  if (fours.a) {
    const reads = range(rows).map((i) => `let a${i} = readA4(row${i}, step0);`);
    return { places, reads, value: (i, kk) => `a${i}[${kk}]` };
  }
  return {
    places,
    reads: range(rows).flatMap((i) => range(turn).map((kk) => `let a${i}_${kk} = readA(row${i}, step${kk});`)),
    value: (i, kk) => `a${i}_${kk}`,
  };
}

/** What a thread reads of B, likewise. */
function columnReads({ fours, bAlong }: ImplicitMatMul, columns: number, turn: number): Reads {
  if (fours.b && bAlong === 'n') {
    return {
      places: range(columns / 4).map((j) => `let n${j} = min(column + ${j * 4}, uniforms.sizeN - 4);`),
      reads: range(columns / 4).flatMap((j) => range(turn).map((kk) => `let b${j}_${kk} = readB4(step${kk}, n${j});`)),
      value: (j, kk) => `b${j}_${kk}`,
    };
  }
  const places = range(columns).map((j) => `let n${j} = min(column + ${j}, uniforms.sizeN - 1);`);
  const four = (part: (column: number) => string, j: number) =>
    `vec4<f32>(${range(4)
      .map((l) => part(j * 4 + l))
      .join(', ')})`;
  if (fours.b) {
    const reads = range(columns).map((j) => `let b${j} = readB4(step0, n${j});`);
    return { places, reads, value: (j, kk) => four((column) => `b${column}[${kk}]`, j) };
  }
  return {
    places,
    reads: range(columns / 4).flatMap((j) =>
      range(turn).map((kk) => `let b${j}_${kk} = ${four((column) => `readB(step${kk}, n${column})`, j)};`),
    ),
    value: (j, kk) => `b${j}_${kk}`,
  };
}
