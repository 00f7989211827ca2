/**
 * @file The implicit product for a real GPU: a workgroup stages tiles of A and B in workgroup memory, so that each element
 * is read from far away once a tile, and a thread keeps a small tile of C in registers.
 */

import type { ImplicitMatMul, MatMulPlan } from './matmul-plan';
import { FLAT_GROUP } from './webgpu-pass';

interface Tile {
  /** Rows and columns of C a thread keeps; multiples of 4. */
  threadM: number;
  threadN: number;
  /** Threads along rows and columns. */
  threadsM: number;
  threadsN: number;
  /** Terms of the sum staged at once. */
  k: number;
}

/**
 * 64 threads, shared out so that a short side of C does not leave them idle. The tiles are few, as each is a pipeline to
 * compile, and take less than the 16 KiB of workgroup memory that every adapter has.
 */
function chooseTile({ m, n, k }: ImplicitMatMul): Tile {
  const depth = k <= 4 ? 4 : 8;
  if (m <= 4) return { threadM: 4, threadN: 4, threadsM: 1, threadsN: 64, k: depth };
  if (n <= 4) return { threadM: 4, threadN: 4, threadsM: 64, threadsN: 1, k: depth };
  if (m <= 16) return { threadM: 4, threadN: 4, threadsM: 4, threadsN: 16, k: 16 };
  if (n <= 16) return { threadM: 4, threadN: 4, threadsM: 16, threadsN: 4, k: 16 };
  if (m <= 32 || n <= 32) return { threadM: 4, threadN: 4, threadsM: 8, threadsN: 8, k: 16 };
  return { threadM: 8, threadN: 8, threadsM: 8, threadsN: 8, k: k <= 4 ? 4 : 16 };
}

/** Tiles of the product, and their code. */
export function planStaged(product: ImplicitMatMul): MatMulPlan {
  const tile = chooseTile(product);
  const across = Math.ceil(product.n / (tile.threadN * tile.threadsN));
  return {
    key: ['staged', ...Object.values(tile)].join(),
    groups: Math.ceil(product.m / (tile.threadM * tile.threadsM)) * across,
    across,
    depth: tile.k,
    code: (hasBias) => matMulCode(product, tile, hasBias),
  };
}

function matMulCode(product: ImplicitMatMul, tile: Tile, hasBias: boolean): string {
  const { threadM, threadN, threadsM, threadsN, k: tileK } = tile;
  const tileM = threadM * threadsM;
  const tileN = threadN * threadsN;
  const threads = threadsM * threadsN;
  const [quadsM, quadsN] = [tileM / 4, tileN / 4];
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  // Stages groups of four neighbours at once: a whole vec4 is stored, never one component of a shared one.
  const stage = (side: 'a' | 'b', quads: number, alongK: boolean) => {
    const lines = side === 'a' ? 'rows[quad * 4 + ' : 'firstColumn + quad * 4 + ';
    const limit =
      side === 'a'
        ? 'uniforms.sizeM - min(uniforms.sizeM, firstRow + quad * 4)'
        : 'uniforms.sizeN - min(uniforms.sizeN, firstColumn + quad * 4)';
    const reads = range(4).map((i) =>
      side === 'a'
        ? `if (left > ${i}u) { value[${i}] = readA(${lines}${i}], step); }`
        : `if (left > ${i}u) { value[${i}] = readB(step, ${lines}${i}); }`,
    );
    return `
    for (var unit = local; unit < ${quads * tileK}u; unit += ${threads}u) {
      let ${alongK ? `kk = unit % ${tileK}u; let quad = unit / ${tileK}u` : `quad = unit % ${quads}u; let kk = unit / ${quads}u`};
      var value = vec4<f32>(0.0);
      if (k0 + kk < end) {
        let step = steps[kk + phase];
        let left = ${limit};
        ${reads.join('\n        ')}
      }
      tile${side.toUpperCase()}[kk * ${quads}u + quad] = value;
    }`;
  };
  const rowsPerThread = range(threadM);
  const quadsPerThread = range(threadN / 4);
  return `
${FLAT_GROUP}
var<workgroup> tileA: array<vec4<f32>, ${quadsM * tileK}>;
var<workgroup> tileB: array<vec4<f32>, ${quadsN * tileK}>;
var<workgroup> rows: array<vec4<i32>, ${tileM}>;
var<workgroup> steps: array<vec4<i32>, ${tileK * 2}>;
${product.code}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = flatGroup(group, groups);
  if (index >= uniforms.groups) { return; }
  let firstRow = (index / uniforms.across) * ${tileM}u;
  let firstColumn = (index % uniforms.across) * ${tileN}u;
  let start = group.z * uniforms.partLength;
  let end = min(start + uniforms.partLength, uniforms.sizeK);
  for (var i = local; i < ${tileM}u; i += ${threads}u) {
    if (firstRow + i < uniforms.sizeM) { rows[i] = rowOf(firstRow + i); }
  }
  for (var i = local; i < ${tileK}u; i += ${threads}u) {
    if (start + i < end) { steps[i] = stepOf(start + i); }
  }
  let quadRow = (local / ${threadsN}u) * ${threadM / 4}u;
  let quadColumn = local % ${threadsN}u;
  ${rowsPerThread.map((i) => quadsPerThread.map((j) => `var c${i}_${j} = vec4<f32>(0.0);`).join(' ')).join('\n  ')}
  var phase = 0u;
  workgroupBarrier();
  for (var k0 = start; k0 < end; k0 += ${tileK}u) {
    ${stage('a', quadsM, product.aAlong === 'k')}
    ${stage('b', quadsN, product.bAlong === 'k')}
    phase = ${tileK}u - phase;
    for (var i = local; i < ${tileK}u; i += ${threads}u) {
      if (k0 + ${tileK}u + i < end) { steps[i + phase] = stepOf(k0 + ${tileK}u + i); }
    }
    workgroupBarrier();
    for (var kk = 0u; kk < ${tileK}u; kk++) {
      ${range(threadM / 4)
        .map((i) => `let a${i} = tileA[kk * ${quadsM}u + quadRow + ${i}u];`)
        .join(' ')}
      ${quadsPerThread.map((j) => `let b${j} = tileB[kk * ${quadsN}u + quadColumn + ${j * threadsN}u];`).join(' ')}
      ${rowsPerThread.map((i) => quadsPerThread.map((j) => `c${i}_${j} += a${i >> 2}[${i & 3}] * b${j};`).join(' ')).join('\n      ')}
    }
    workgroupBarrier();
  }
  let base = group.z * uniforms.sizeM * uniforms.sizeN;
  let row = firstRow + quadRow * 4;
  ${rowsPerThread.map((i) => quadsPerThread.map((j) => `store(base, row + ${i}, firstColumn + (quadColumn + ${j * threadsN}u) * 4, c${i}_${j});`).join(' ')).join('\n  ')}
}
fn store(base: u32, row: u32, column: u32, value: vec4<f32>) {
  if (row >= uniforms.sizeM) { return; }
  for (var i = 0u; i < 4u; i++) {
    if (column + i < uniforms.sizeN) {
      ${hasBias ? 'let sum = value[i] + bias[column + i];' : 'let sum = value[i];'}
      result[base + row * uniforms.sizeN + column + i] = select(sum, uniforms.least, sum < uniforms.least);
    }
  }
}`;
}
