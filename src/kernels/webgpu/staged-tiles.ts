/**
 * @file The implicit product for a real GPU: a workgroup stages tiles of A and B in workgroup memory, so that each element
 * is read from global memory once per tile, and a thread keeps a small tile of C in registers.
 */

import type { ImplicitMatMul, MatMulPlan } from './matmul-plan';
import { FLAT_GROUP } from './webgpu-pass';

export interface Tile {
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
 * For products with both sides long. Which is fastest depends on the GPU (registers, caches, how many threads run in step),
 * so tile-search.ts measures; without a measurement the first is used. All stay below the 16 KiB of workgroup memory and 256
 * threads that every adapter has.
 */
export const LARGE_TILES: readonly Tile[] = [
  { threadM: 8, threadN: 8, threadsM: 8, threadsN: 8, k: 16 },
  { threadM: 8, threadN: 4, threadsM: 8, threadsN: 16, k: 16 },
  { threadM: 4, threadN: 4, threadsM: 16, threadsN: 16, k: 16 },
  { threadM: 8, threadN: 8, threadsM: 16, threadsN: 16, k: 8 },
];

/** The tile by which sums of all of {@link LARGE_TILES} are split; its depth is a multiple of each one's. */
const SPLIT_TILE = LARGE_TILES[0];

const largeTiles = new WeakMap<GPUDevice, Tile>();

/** Products on this device use this one of {@link LARGE_TILES} from now on. */
export function setLargeTile(device: GPUDevice, index: number): void {
  largeTiles.set(device, LARGE_TILES[index]);
}

/**
 * Otherwise 64 threads, shared out so that a short side of C does not leave them idle. The tiles are few, as each is a pipeline to
 * compile.
 */
function chooseTile(device: GPUDevice, { m, n, k }: ImplicitMatMul): Tile {
  const depth = k <= 4 ? 4 : 8;
  if (m <= 4) return { threadM: 4, threadN: 4, threadsM: 1, threadsN: 64, k: depth };
  if (n <= 4) return { threadM: 4, threadN: 4, threadsM: 64, threadsN: 1, k: depth };
  if (m <= 16) return { threadM: 4, threadN: 4, threadsM: 4, threadsN: 16, k: 16 };
  if (n <= 16) return { threadM: 4, threadN: 4, threadsM: 16, threadsN: 4, k: 16 };
  if (m <= 32 || n <= 32) return { threadM: 4, threadN: 4, threadsM: 8, threadsN: 8, k: 16 };
  const large = largeTiles.get(device) ?? LARGE_TILES[0];
  return k <= 4 ? { ...large, k: 4 } : large;
}

/** Workgroups along columns, and in all. */
function groupsOf({ m, n }: ImplicitMatMul, { threadM, threadN, threadsM, threadsN }: Tile) {
  const across = Math.ceil(n / (threadN * threadsN));
  return { across, groups: Math.ceil(m / (threadM * threadsM)) * across };
}

/** Tiles of the product, and their code. */
export function planStaged(device: GPUDevice, product: ImplicitMatMul): MatMulPlan {
  const tile = chooseTile(device, product);
  const isLarge = product.m > 32 && product.n > 32;
  const splitTile = isLarge ? SPLIT_TILE : tile;
  return {
    key: ['staged', ...Object.values(tile), product.fours.a, product.fours.b].join(),
    ...groupsOf(product, tile),
    split: { groups: groupsOf(product, splitTile).groups, depth: splitTile.k },
    code: (hasBias) => matMulCode(product, tile, hasBias),
    fours: product.fours,
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * How one operand is staged. With lines (rows of A, columns of B) in quads, a vec4 holds four lines of one term; along the
 * sum, four terms of one line, as they lie in memory when they are read four at a time.
 */
interface Staged {
  /** Elements of the workgroup array. */
  size: number;
  /** WGSL that fills the array. */
  fill: string;
  /** WGSL that reads, for the thread, what it needs of terms 4 kq .. 4 kq + 3. */
  read: string[];
  /** The factor of row i (A), or the four of columns quad j (B), for term kk of those. */
  value: (index: number, kk: number) => string;
}

function matMulCode(product: ImplicitMatMul, tile: Tile, hasBias: boolean): string {
  const { threadM, threadN, threadsM, threadsN, k: tileK } = tile;
  const [tileM, tileN] = [threadM * threadsM, threadN * threadsN];
  const threads = threadsM * threadsN;
  const a = stageRows(product, tile);
  const b = stageColumns(product, tile);
  const sums = range(threadM).flatMap((i) => range(threadN / 4).map((j) => ({ i, j, name: `c${i}_${j}` })));
  return `
${FLAT_GROUP}
var<workgroup> tileA: array<vec4<f32>, ${a.size}>;
var<workgroup> tileB: array<vec4<f32>, ${b.size}>;
var<workgroup> rows: array<vec4<i32>, ${tileM}>;
var<workgroup> steps: array<vec4<i32>, ${tileK * 2}>;
${product.code(product.fours)}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = flatGroup(group, groups) + uniforms.firstGroup;
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
  ${sums.map(({ name }) => `var ${name} = vec4<f32>(0.0);`).join(' ')}
  var phase = 0u;
  workgroupBarrier();
  for (var k0 = start; k0 < end; k0 += ${tileK}u) {
    ${a.fill}
    ${b.fill}
    phase = ${tileK}u - phase;
    for (var i = local; i < ${tileK}u; i += ${threads}u) {
      if (k0 + ${tileK}u + i < end) { steps[i + phase] = stepOf(k0 + ${tileK}u + i); }
    }
    workgroupBarrier();
    for (var kq = 0u; kq < ${tileK / 4}u; kq++) {
      ${[...a.read, ...b.read].join('\n      ')}
      ${range(4)
        .flatMap((kk) => sums.map(({ i, j, name }) => `${name} += ${a.value(i, kk)} * ${b.value(j, kk)};`))
        .join('\n      ')}
    }
    workgroupBarrier();
  }
  let base = group.z * uniforms.sizeM * uniforms.sizeN;
  let row = firstRow + quadRow * 4;
  ${sums.map(({ i, j, name }) => `store(base, row + ${i}, firstColumn + (quadColumn + ${j * threadsN}u) * 4, ${name});`).join('\n  ')}
}
fn store(base: u32, row: u32, column: u32, value: vec4<f32>) {
  if (row >= uniforms.sizeM) { return; }
  let first = base + placeOf(row) * uniforms.sizeN + column;
  for (var i = 0u; i < 4u; i++) {
    if (column + i < uniforms.sizeN) {
      ${hasBias ? 'let sum = value[i] + bias[column + i];' : 'let sum = value[i];'}
      result[first + i] = select(sum, uniforms.least, sum < uniforms.least);
    }
  }
}`;
}

function stageRows({ fours, aAlong }: ImplicitMatMul, tile: Tile): Staged {
  const { threadM, threadsM } = tile;
  const lines = threadM * threadsM;
  if (fours.a && aAlong === 'k') {
    const stride = strideOf(lines, tile);
    return {
      size: lines * stride,
      fill: fillAlongK('tileA', 'firstRow + line < uniforms.sizeM', 'readA4(rows[line], step)', lines, stride, tile),
      read: range(threadM).map((i) => `let a${i} = tileA[(quadRow * 4 + ${i}u) * ${stride}u + kq];`),
      value: (i, kk) => `a${i}[${kk}]`,
    };
  }
  const quads = lines / 4;
  const left = 'uniforms.sizeM - min(uniforms.sizeM, firstRow + quad * 4)';
  const fill = fours.a
    ? fillFours('tileA', left, 'readA4(rows[quad * 4], step)', quads, tile)
    : fillSingly('tileA', left, (i) => `readA(rows[quad * 4 + ${i}], step)`, quads, aAlong === 'k', tile);
  return {
    size: quads * tile.k,
    fill,
    read: range(threadM / 4).flatMap((q) =>
      range(4).map((kk) => `let a${q}_${kk} = tileA[(kq * 4 + ${kk}u) * ${quads}u + quadRow + ${q}u];`),
    ),
    value: (i, kk) => `a${i >> 2}_${kk}[${i & 3}]`,
  };
}

function stageColumns({ fours, bAlong }: ImplicitMatMul, tile: Tile): Staged {
  const { threadN, threadsN } = tile;
  const lines = threadN * threadsN;
  if (fours.b && bAlong === 'k') {
    const stride = strideOf(lines, tile);
    const inside = 'firstColumn + line < uniforms.sizeN';
    return {
      size: lines * stride,
      fill: fillAlongK('tileB', inside, 'readB4(step, firstColumn + line)', lines, stride, tile),
      read: range(threadN).map((column) => {
        const line = `(quadColumn + ${(column >> 2) * threadsN}u) * 4 + ${column & 3}u`;
        return `let b${column} = tileB[(${line}) * ${stride}u + kq];`;
      }),
      value: (j, kk) =>
        `vec4<f32>(${range(4)
          .map((l) => `b${j * 4 + l}[${kk}]`)
          .join(', ')})`,
    };
  }
  const quads = lines / 4;
  const left = 'uniforms.sizeN - min(uniforms.sizeN, firstColumn + quad * 4)';
  const fill = fours.b
    ? fillFours('tileB', left, 'readB4(step, firstColumn + quad * 4)', quads, tile)
    : fillSingly('tileB', left, (i) => `readB(step, firstColumn + quad * 4 + ${i})`, quads, bAlong === 'k', tile);
  return {
    size: quads * tile.k,
    fill,
    read: range(threadN / 4).flatMap((j) =>
      range(4).map((kk) => `let b${j}_${kk} = tileB[(kq * 4 + ${kk}u) * ${quads}u + quadColumn + ${j * threadsN}u];`),
    ),
    value: (j, kk) => `b${j}_${kk}`,
  };
}

/** Vec4s from a line to the next; one more than needed where it fits, so that lines start in different banks. */
function strideOf(lines: number, { k }: Tile): number {
  return k / 4 + (lines > 64 ? 0 : 1);
}

function fillAlongK(
  array: string,
  inside: string,
  value: string,
  lines: number,
  stride: number,
  { k, threadsM, threadsN }: Tile,
): string {
  const quads = k / 4;
  return `for (var unit = local; unit < ${lines * quads}u; unit += ${threadsM * threadsN}u) {
      let kq = unit % ${quads}u;
      let line = unit / ${quads}u;
      var value = vec4<f32>(0.0);
      if (k0 + kq * 4 < end && ${inside}) {
        let step = steps[kq * 4 + phase];
        value = ${value};
      }
      ${array}[line * ${stride}u + kq] = value;
    }`;
}

function fillFours(array: string, left: string, value: string, quads: number, { k, threadsM, threadsN }: Tile): string {
  return `for (var unit = local; unit < ${quads * k}u; unit += ${threadsM * threadsN}u) {
      let quad = unit % ${quads}u;
      let kk = unit / ${quads}u;
      var value = vec4<f32>(0.0);
      if (k0 + kk < end && ${left} > 0u) {
        let step = steps[kk + phase];
        value = ${value};
      }
      ${array}[kk * ${quads}u + quad] = value;
    }`;
}

/** A thread stages four neighbours: a whole vec4 is stored, never one component of a shared one. */
function fillSingly(
  array: string,
  left: string,
  value: (i: number) => string,
  quads: number,
  alongK: boolean,
  { k, threadsM, threadsN }: Tile,
): string {
  const place = alongK
    ? `let kk = unit % ${k}u; let quad = unit / ${k}u;`
    : `let quad = unit % ${quads}u; let kk = unit / ${quads}u;`;
  return `for (var unit = local; unit < ${quads * k}u; unit += ${threadsM * threadsN}u) {
      ${place}
      var value = vec4<f32>(0.0);
      if (k0 + kk < end) {
        let step = steps[kk + phase];
        let left = ${left};
        ${range(4)
          .map((i) => `if (left > ${i}u) { value[${i}] = ${value(i)}; }`)
          .join('\n        ')}
      }
      ${array}[kk * ${quads}u + quad] = value;
    }`;
}
