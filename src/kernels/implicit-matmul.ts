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
import { planDirect } from './direct-tiles';
import type { ImplicitMatMul, MatMulPlan } from './matmul-plan';
import { planStaged } from './staged-tiles';
import {
  FLAT_GROUP,
  isSoftwareAdapter,
  type PassBuffer,
  type PassUniform,
  runPass,
  spreadWorkgroups,
} from './webgpu-pass';

let forcedPlan: ((product: ImplicitMatMul) => MatMulPlan) | null = null;

/** Lets a test or a benchmark choose the plan in the adapter's stead; null gives the choice back. */
export function forcePlan(plan: ((product: ImplicitMatMul) => MatMulPlan) | null): void {
  forcedPlan = plan;
}

/** Partial sums of a split take at most this many elements. */
const MAX_PARTIAL_SIZE = 1 << 24;
/** A part of a split sum is at least this long. */
const MIN_PART_LENGTH = 128;

/** Computes the product into a new tensor. */
export function implicitMatMul(backend: WebGPUBackend, product: ImplicitMatMul): TensorInfo {
  const { m, n, k } = product;
  const plan = (forcedPlan ?? (isSoftwareAdapter(backend) ? planDirect : planStaged))(product);
  const parts = chooseParts(backend, plan.groups, product);
  const partLength = Math.ceil(Math.ceil(k / parts) / plan.depth) * plan.depth;
  const partCount = Math.ceil(k / partLength);
  const split = partCount > 1;
  const output = split ? null : backend.makeTensorInfo(product.outputShape, 'float32');
  const target = output ?? backend.makeTensorInfo([partCount, m * n], 'float32');
  const finish = split ? { bias: undefined, relu: false } : { bias: product.bias, relu: product.relu ?? false };
  const buffers: PassBuffer[] = [{ name: 'result', tensor: target, access: 'read_write' }, ...product.inputs];
  if (finish.bias) buffers.push({ name: 'bias', tensor: finish.bias, access: 'read' });
  const [groupsX, groupsY] = spreadWorkgroups(plan.groups);
  runPass(backend, {
    key: ['matmul', product.name, product.aAlong, product.bAlong, plan.key, !!finish.bias].join(),
    buffers,
    uniforms: {
      ...product.uniforms,
      sizeM: { type: 'u32', value: m },
      sizeN: { type: 'u32', value: n },
      sizeK: { type: 'u32', value: k },
      partLength: { type: 'u32', value: partLength },
      groups: { type: 'u32', value: plan.groups },
      across: { type: 'u32', value: plan.across },
      least: leastOf(finish.relu),
    },
    code: () => plan.code(!!finish.bias),
    workgroups: [groupsX, groupsY, partCount],
  });
  if (output) return output;
  const sum = addParts(backend, target, partCount, product);
  backend.disposeData(target.dataId);
  return sum;
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
