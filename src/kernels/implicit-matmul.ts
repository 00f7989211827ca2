/**
 * @file Matrix product C[m, n] = sum over k of A(m, k) B(k, n), where A and B are computed from their places in memory.
 *
 * Convolution and both its gradients are such products ("implicit GEMM", Chetlur et al. 2014, arXiv:1410.0759): only the
 * rule from (m, k) to an address differs. A workgroup stages tiles of A and B in workgroup memory; a thread keeps a small
 * tile of C in registers. Where a tile of C is small and the sum long, the sum is split over workgroups ("split-K") and a
 * second pass adds the parts, in a fixed order: the same device gives the same bits. (The stock split adds atomically.)
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import {
  FLAT_GROUP,
  isSoftwareAdapter,
  type PassBuffer,
  type PassUniform,
  runPass,
  spreadWorkgroups,
} from './webgpu-pass';

export interface ImplicitMatMul {
  /** Names the addressing rules below: one name, one `code`. */
  name: string;
  /** Sides of C and length of the sum. */
  m: number;
  n: number;
  k: number;
  /** What `code` reads. */
  inputs: PassBuffer[];
  uniforms: Record<string, PassUniform>;
  /**
   * WGSL: `rowOf(m: u32) -> vec4<i32>` and `stepOf(k: u32) -> vec4<i32>`, computed once a tile, and from them
   * `readA(row: vec4<i32>, step: vec4<i32>) -> f32`, `readB(step: vec4<i32>, n: u32) -> f32`.
   * `stepOf` and `readB` are called within bounds; `readA` too.
   */
  code: string;
  /** Which index runs along memory, so that neighbouring threads read neighbouring addresses. */
  aAlong: 'm' | 'k';
  bAlong: 'k' | 'n';
  /** Added to C by column before the activation. */
  bias?: TensorInfo;
  relu?: boolean;
  /** Shape of the result: m * n elements, row-major. */
  outputShape: number[];
}

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

/** Partial sums of a split take at most this many elements. */
const MAX_PARTIAL_SIZE = 1 << 24;
/** A part of a split sum is at least this long. */
const MIN_PART_LENGTH = 128;

/** Computes the product into a new tensor. */
export function implicitMatMul(backend: WebGPUBackend, product: ImplicitMatMul): TensorInfo {
  const { m, n, k } = product;
  const tile = chooseTile(m, n, k);
  const groupsM = Math.ceil(m / (tile.threadM * tile.threadsM));
  const groupsN = Math.ceil(n / (tile.threadN * tile.threadsN));
  const parts = chooseParts(backend, groupsM * groupsN, product);
  const partLength = Math.ceil(Math.ceil(k / parts) / tile.k) * tile.k;
  const partCount = Math.ceil(k / partLength);
  const split = partCount > 1;
  const output = split ? null : backend.makeTensorInfo(product.outputShape, 'float32');
  const target = output ?? backend.makeTensorInfo([partCount, m * n], 'float32');
  const finish = split ? { bias: undefined, relu: false } : { bias: product.bias, relu: product.relu ?? false };
  const buffers: PassBuffer[] = [{ name: 'result', tensor: target, access: 'read_write' }, ...product.inputs];
  if (finish.bias) buffers.push({ name: 'bias', tensor: finish.bias, access: 'read' });
  const [groupsX, groupsY] = spreadWorkgroups(groupsM * groupsN);
  runPass(backend, {
    key: ['matmul', product.name, product.aAlong, product.bAlong, ...Object.values(tile), !!finish.bias].join(),
    buffers,
    uniforms: {
      ...product.uniforms,
      sizeM: { type: 'u32', value: m },
      sizeN: { type: 'u32', value: n },
      sizeK: { type: 'u32', value: k },
      partLength: { type: 'u32', value: partLength },
      groupsM: { type: 'u32', value: groupsM },
      groupsN: { type: 'u32', value: groupsN },
      least: leastOf(finish.relu),
    },
    code: () => matMulCode(product, tile, !!finish.bias),
    workgroups: [groupsX, groupsY, partCount],
  });
  if (output) return output;
  const sum = addParts(backend, target, partCount, product);
  backend.disposeData(target.dataId);
  return sum;
}

/**
 * 64 threads, shared out so that a short side of C does not leave them idle. The tiles are few, as each is a pipeline to
 * compile, and take less than the 16 KiB of workgroup memory that every adapter has.
 */
function chooseTile(m: number, n: number, k: number): Tile {
  const depth = k <= 4 ? 4 : 8;
  if (m <= 4) return { threadM: 4, threadN: 4, threadsM: 1, threadsN: 64, k: depth };
  if (n <= 4) return { threadM: 4, threadN: 4, threadsM: 64, threadsN: 1, k: depth };
  if (m <= 16) return { threadM: 4, threadN: 4, threadsM: 4, threadsN: 16, k: 16 };
  if (n <= 16) return { threadM: 4, threadN: 4, threadsM: 16, threadsN: 4, k: 16 };
  if (m <= 32 || n <= 32) return { threadM: 4, threadN: 4, threadsM: 8, threadsN: 8, k: 16 };
  return { threadM: 8, threadN: 8, threadsM: 8, threadsN: 8, k: k <= 4 ? 4 : 16 };
}

/**
 * ReLU as a floor under the result: a uniform, as every variant of the code is a pipeline to compile. Applied by
 * comparison, as `max` may drop a NaN that the training loop must see.
 */
function leastOf(relu: boolean): PassUniform {
  return { type: 'f32', value: relu ? 0 : Number.NEGATIVE_INFINITY };
}

function chooseParts(backend: WebGPUBackend, groups: number, { m, n, k }: ImplicitMatMul): number {
  const wanted = isSoftwareAdapter(backend) ? 8 : 256;
  const parts = Math.min(
    Math.floor(wanted / groups),
    Math.floor(k / MIN_PART_LENGTH),
    Math.floor(MAX_PARTIAL_SIZE / (m * n)),
  );
  return Math.max(1, parts);
}

/** Second pass of a split: C = sum of the parts, then bias and activation. */
function addParts(backend: WebGPUBackend, partial: TensorInfo, parts: number, product: ImplicitMatMul): TensorInfo {
  const output = backend.makeTensorInfo(product.outputShape, 'float32');
  const { bias, relu = false, m, n } = product;
  const buffers: PassBuffer[] = [
    { name: 'result', tensor: output, access: 'read_write' },
    { name: 'partial', tensor: partial, access: 'read' },
  ];
  if (bias) buffers.push({ name: 'bias', tensor: bias, access: 'read' });
  runPass(backend, {
    key: ['matmul-add-parts', !!bias].join(),
    buffers,
    uniforms: {
      size: { type: 'u32', value: m * n },
      sizeN: { type: 'u32', value: n },
      parts: { type: 'u32', value: parts },
      least: leastOf(relu),
    },
    code: () => `${FLAT_GROUP}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = flatGroup(group, groups) * 64 + local;
  if (i >= uniforms.size) { return; }
  var sum = 0.0;
  for (var part = 0u; part < uniforms.parts; part++) { sum += partial[part * uniforms.size + i]; }
  ${bias ? 'sum += bias[i % uniforms.sizeN];' : '_ = uniforms.sizeN;'}
  result[i] = select(sum, uniforms.least, sum < uniforms.least);
}`,
    workgroups: spreadWorkgroups(Math.ceil((m * n) / 64)),
  });
  return output;
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
  if (index >= uniforms.groupsM * uniforms.groupsN) { return; }
  let firstRow = (index / uniforms.groupsN) * ${tileM}u;
  let firstColumn = (index % uniforms.groupsN) * ${tileN}u;
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
