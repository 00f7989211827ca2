/**
 * @file Matrix product C[m, n] = sum over k of A(m, k) B(k, n), where A and B are computed from their places in memory.
 *
 * Convolution and both its gradients are such products ("implicit GEMM", Chetlur et al. 2014, arXiv:1410.0759): only the
 * rule from (m, k) to an address differs. How threads share C out is a plan: staged-tiles.ts for a GPU, direct-tiles.ts
 * for a GPU computed on the processor. Where C is small and the sum long, the sum is split over workgroups ("split-K")
 * and a second pass adds the parts, in a fixed order: the same device gives the same bits. (The stock split of
 * TensorFlow.js adds atomically, in whatever order.)
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { isSoftwareAdapter } from './adapter-kind';
import { planDirect } from './direct-tiles';
import { type ImplicitMatMul, type MatMulPlan, typeOf } from './matmul-plan';
import { planStaged } from './staged-tiles';
import type { PassUniform } from './uniform-cache';
import { FLAT_GROUP, type PassBuffer, runPass, spreadWorkgroups } from './webgpu-pass';

/** Partial sums of a split take at most this many elements. */
const MAX_PARTIAL_SIZE = 1 << 24;
/** A part of a split sum is at least this long. */
const MIN_PART_LENGTH = 128;
/**
 * Operations of one dispatch; a longer product takes several, as drivers reset a GPU that does not respond for a second or
 * two. 2^34 are under 200 ms where 90 GFLOP/s are reached, a third of a small integrated GPU's peak; 2^30 are about a
 * second on two processor cores. Dispatches that write one buffer follow one another, so a large GPU, which needs many
 * workgroups at once, gets a limit of its own once its speed is known ({@link limitDispatches}).
 */
const MAX_DISPATCH_OPERATIONS = { hardware: 2 ** 34, software: 2 ** 30 };
const dispatchLimits = new WeakMap<GPUDevice, number>();

/** Sets the operations per dispatch for products on this device; null restores the limit for devices of unknown speed. */
export function limitDispatches(device: GPUDevice, operations: number | null): void {
  if (operations === null) dispatchLimits.delete(device);
  else dispatchLimits.set(device, operations);
}

/** Workgroups that keep an adapter busy: what a split of the sum aims at. */
const BUSY_GROUPS = { hardware: 512, software: 8 };

/** WGSL: rows of C lie in order. */
const DENSE_ROWS = 'fn placeOf(row: u32) -> u32 { return row; }';

/** Computes the product into a new tensor, or into the one it is scattered over, which is returned. */
export function implicitMatMul(backend: WebGPUBackend, product: ImplicitMatMul): TensorInfo {
  const { m, n, k } = product;
  const plan = isSoftwareAdapter(backend) ? planDirect(product) : planStaged(backend.device, product);
  const parts = chooseParts(backend, plan.split.groups, product);
  const { depth } = plan.split;
  const partLength = Math.max(depth, Math.ceil(Math.ceil(k / parts) / depth) * depth);
  // An empty sum is zero, and is written.
  const partCount = Math.max(1, Math.ceil(k / partLength));
  if (partCount === 1) {
    const output = outputOf(backend, product);
    runProduct(backend, product, plan, { target: output, partCount, partLength, scatter: product.scatter });
    return output;
  }
  const partial = backend.makeTensorInfo([partCount, m * n], 'float32');
  const bare = { ...product, bias: undefined, relu: false };
  runProduct(backend, bare, plan, { target: partial, partCount, partLength });
  const sum = addParts(backend, partial, partCount, product);
  backend.disposeData(partial.dataId);
  return sum;
}

function outputOf(backend: WebGPUBackend, { scatter, outputShape }: ImplicitMatMul): TensorInfo {
  return scatter?.output ?? backend.makeTensorInfo(outputShape, 'float32');
}

interface ProductTarget {
  target: TensorInfo;
  partCount: number;
  partLength: number;
  scatter?: ImplicitMatMul['scatter'];
}

/** The parts of the sum, side by side in `target`; in as many dispatches as {@link MAX_DISPATCH_OPERATIONS} asks. */
function runProduct(
  backend: WebGPUBackend,
  product: ImplicitMatMul,
  plan: MatMulPlan,
  { target, partCount, partLength, scatter }: ProductTarget,
): void {
  const { m, n, k, bias, relu = false } = product;
  const { a, b } = product;
  const buffers: PassBuffer[] = [
    { name: 'result', tensor: target, access: 'read_write' },
    { ...a, access: 'read', element: typeOf(plan.fours.a) },
    { ...b, access: 'read', element: typeOf(plan.fours.b) },
  ];
  if (bias) buffers.push({ name: 'bias', tensor: bias, access: 'read' });
  const kind = isSoftwareAdapter(backend) ? 'software' : 'hardware';
  const limit = dispatchLimits.get(backend.device) ?? MAX_DISPATCH_OPERATIONS[kind];
  const dispatches = Math.min(plan.groups, Math.ceil((2 * m * n * k) / limit));
  const groupsEach = Math.ceil(plan.groups / Math.max(1, dispatches));
  for (let firstGroup = 0; firstGroup < plan.groups; firstGroup += groupsEach) {
    const [groupsX, groupsY] = spreadWorkgroups(Math.min(groupsEach, plan.groups - firstGroup));
    runPass(backend, {
      key: ['matmul', product.name, product.aAlong, product.bAlong, plan.key, !!bias, !!scatter].join(),
      buffers,
      uniforms: {
        ...product.uniforms,
        sizeM: { type: 'u32', value: m },
        sizeN: { type: 'u32', value: n },
        sizeK: { type: 'u32', value: k },
        partLength: { type: 'u32', value: partLength },
        groups: { type: 'u32', value: plan.groups },
        firstGroup: { type: 'u32', value: firstGroup },
        across: { type: 'u32', value: plan.across },
        least: leastOf(relu),
      },
      code: () => `${scatter?.code ?? DENSE_ROWS}\n${plan.code(!!bias)}`,
      workgroups: [groupsX, groupsY, partCount],
    });
  }
}

/**
 * ReLU as a floor under the result: a uniform, as every variant of the code is a pipeline to compile. Applied by
 * comparison, as `max` may drop a NaN that the training loop must see. Without ReLU it is the least float, not minus
 * infinity, which a WGSL compiler need not respect.
 */
function leastOf(relu: boolean): PassUniform {
  return { type: 'f32', value: relu ? 0 : -3.4028234663852886e38 };
}

function chooseParts(backend: WebGPUBackend, groups: number, { m, n, k }: ImplicitMatMul): number {
  const wanted = BUSY_GROUPS[isSoftwareAdapter(backend) ? 'software' : 'hardware'];
  const parts = Math.min(
    Math.floor(wanted / groups),
    Math.floor(k / MIN_PART_LENGTH),
    Math.floor(MAX_PARTIAL_SIZE / (m * n)),
  );
  return Math.max(1, parts);
}

/** Second pass of a split: C = sum of the parts, then bias and activation. */
function addParts(backend: WebGPUBackend, partial: TensorInfo, parts: number, product: ImplicitMatMul): TensorInfo {
  const output = outputOf(backend, product);
  const { bias, relu = false, m, n, scatter } = product;
  const buffers: PassBuffer[] = [
    { name: 'result', tensor: output, access: 'read_write' },
    { name: 'partial', tensor: partial, access: 'read' },
  ];
  if (bias) buffers.push({ name: 'bias', tensor: bias, access: 'read' });
  runPass(backend, {
    key: ['matmul-add-parts', !!bias, scatter && product.name].join(),
    buffers,
    uniforms: {
      ...(scatter ? product.uniforms : {}),
      size: { type: 'u32', value: m * n },
      sizeN: { type: 'u32', value: n },
      parts: { type: 'u32', value: parts },
      least: leastOf(relu),
    },
    code: () => `${FLAT_GROUP}
${scatter?.code ?? DENSE_ROWS}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = flatGroup(group, groups) * 64 + local;
  if (i >= uniforms.size) { return; }
  var sum = 0.0;
  for (var part = 0u; part < uniforms.parts; part++) { sum += partial[part * uniforms.size + i]; }
  let row = i / uniforms.sizeN;
  let column = i - row * uniforms.sizeN;
  ${bias ? 'sum += bias[column];' : ''}
  result[placeOf(row) * uniforms.sizeN + column] = select(sum, uniforms.least, sum < uniforms.least);
}`,
    workgroups: spreadWorkgroups(Math.ceil((m * n) / 64)),
  });
  return output;
}
