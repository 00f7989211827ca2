/**
 * @file Runs one compute pass of our own on TensorFlow.js' WebGPU backend, in order with its programs.
 *
 * `WebGPUBackend.runWebGPUProgram` writes one output and binds everything else read-only. Our kernels have several
 * outputs and update in place, so this file records into the backend's open compute pass itself. That needs members that
 * TypeScript declares private ({@link BackendInternals}; read in backend_webgpu.ts of 4.22.0): the encoders and the counter
 * after which a batch is submitted.
 * What a pass binds must be distinct tensors; a written one is written whole by the kernel.
 */

import type { DataType, TensorInfo } from '@tensorflow/tfjs';
import { env } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { BindGroupCache } from './bind-group-cache';
import { bytesOf, type PassUniform, UniformCache } from './uniform-cache';

export interface PassBuffer {
  /** Name in the WGSL code. */
  name: string;
  tensor: TensorInfo;
  access: 'read' | 'read_write';
  /** Element type in the WGSL code; by default the tensor's own, `f32` or `i32`. */
  element?: 'f32' | 'i32' | 'u32' | 'vec4<f32>';
}

export interface Pass {
  /** Names the pipeline: equal keys must mean equal code, buffers and uniform names. */
  key: string;
  buffers: PassBuffer[];
  /** Read as `uniforms.name`. */
  uniforms: Record<string, PassUniform>;
  /** Declarations and the entry point `main`. Every buffer and some uniform must be used: the layout is derived. */
  code: () => string;
  /** Workgroups per dimension, each at most 65535. */
  workgroups: [number, number, number];
}

interface TensorData {
  values: unknown;
  dtype: DataType;
  resource?: unknown;
}

interface BackendInternals {
  computePassEncoder: GPUComputePassEncoder | null;
  commandEncoder: GPUCommandEncoder | null;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** WebGPU's default limit of storage buffers; TensorFlow.js asks for no more. */
const MAX_BUFFERS = 8;

interface KnownPipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

interface DeviceState {
  pipelines: Map<string, KnownPipeline>;
  uniforms: UniformCache;
  bindGroups: BindGroupCache;
}

const devices = new WeakMap<GPUDevice, DeviceState>();

/**
 * Records the pass; it runs with the backend's next submission. The backend's own programs hold back what they bound until
 * then; here a freed tensor's buffer may serve the next one at once, as passes run in the order they are recorded.
 */
export function runPass(backend: WebGPUBackend, pass: Pass): void {
  const internals = backend as unknown as BackendInternals;
  const { device } = backend;
  const { pipelines, uniforms, bindGroups } = stateOf(device);
  let known = pipelines.get(pass.key);
  if (compiling) {
    if (!known && !compiling.has(pass.key)) compiling.set(pass.key, compileAhead(device, pass));
    return;
  }
  const buffers = pass.buffers.map(({ tensor, name }) => bufferOf(backend, tensor, `${pass.key}, ${name}`));
  known ??= keepPipeline(device, pass.key, device.createComputePipeline(descriptorOf(device, pass)));
  const isChanging = Object.values(pass.uniforms).some(({ changing }) => changing);
  const uniformBuffer = isChanging ? writeUniforms(backend, pass.uniforms) : uniforms.take(pass.uniforms);
  const bindGroup = bindGroups.take(known.layout, [...buffers, uniformBuffer]);

  backend.ensureCommandEncoderReady();
  internals.computePassEncoder ??= internals.commandEncoder!.beginComputePass();
  internals.computePassEncoder.setPipeline(known.pipeline);
  internals.computePassEncoder.setBindGroup(0, bindGroup);
  internals.computePassEncoder.dispatchWorkgroups(...pass.workgroups);
  internals.dispatchCountInPass += 1;
  if (internals.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** From the backend's pool, to which it goes back when what was recorded with it is submitted. */
function writeUniforms(backend: WebGPUBackend, uniforms: Pass['uniforms']): GPUBuffer {
  const bytes = bytesOf(uniforms);
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = backend.bufferManager.acquireBuffer(bytes.byteLength, usage);
  backend.queue.writeBuffer(buffer, 0, bytes);
  (backend as unknown as BackendInternals).uniformPendingDisposal.push(buffer);
  return buffer;
}

/** Sends off what was recorded so far; the backend's own `submitQueue` wants an ended pass and something to send. */
export function submitRecorded(backend: WebGPUBackend): void {
  backend.endComputePassEncoder();
  if ((backend as unknown as BackendInternals).commandEncoder) backend.submitQueue();
}

/** Pipelines on their way while {@link compilePasses} works; else null. */
let compiling: Map<string, Promise<void>> | null = null;

/**
 * Starts to compile the pipelines of every pass that `work` records, all at once, and runs none of them: what `work`
 * computes is undefined.
 * @returns one promise per pipeline; after them `runPass` finds them ready.
 */
export function compilePasses(work: () => void): Promise<void>[] {
  compiling = new Map();
  try {
    work();
    return [...compiling.values()];
  } finally {
    compiling = null;
  }
}

/** A pipeline that the driver refuses here is requested again when it first runs, where the failure is seen. */
async function compileAhead(device: GPUDevice, pass: Pass): Promise<void> {
  const pipeline = await device.createComputePipelineAsync(descriptorOf(device, pass)).catch(() => null);
  if (pipeline) keepPipeline(device, pass.key, pipeline);
}

/**
 * The tensor's buffer on the GPU.
 *
 * TensorFlow.js' cast from integers to floats leaves the integers in the buffer and only says "float32" on the tensor;
 * its own shaders look the held type up, ours would read the bits of 1 as a number near zero (seen in Grad-CAM).
 */
function bufferOf(backend: WebGPUBackend, tensor: TensorInfo, where: string): GPUBuffer {
  backend.uploadToGPU(tensor.dataId);
  const { dtype, resource }: TensorData = backend.tensorMap.get(tensor.dataId);
  if (dtype !== tensor.dtype) throw new Error(`${where}: the buffer holds ${dtype}, the tensor says ${tensor.dtype}`);
  if (!(resource instanceof GPUBuffer)) throw new Error(`${where}: the tensor lies in no buffer`);
  return resource;
}

/**
 * Makes a tensor fit to be written in place: its bytes are on the GPU, and a copy read back earlier (or one still on its
 * way) is never taken for its value. Every tensor that shares the buffer (`clone`, `reshape`) sees the change.
 */
export function prepareInPlace(backend: WebGPUBackend, tensor: TensorInfo): void {
  backend.uploadToGPU(tensor.dataId);
  const data: TensorData = backend.tensorMap.get(tensor.dataId);
  // `data()` keeps what it read in `values` and returns that from then on. This tensor changes, so nothing may be kept.
  Object.defineProperty(data, 'values', { get: () => null, set: () => {}, configurable: true });
}

/** Workgroups in two dimensions, for counts past the limit of 65535 in one; see {@link FLAT_GROUP}. */
export function spreadWorkgroups(count: number): [number, number, number] {
  const x = Math.min(count, 65535);
  return [x, Math.ceil(count / x), 1];
}

/** WGSL: the index of a workgroup that {@link spreadWorkgroups} spread. It can pass the count: check bounds. */
export const FLAT_GROUP = `
fn flatGroup(group: vec3<u32>, groups: vec3<u32>) -> u32 { return group.y * groups.x + group.x; }
`;

/** Drops what was kept with this buffer, which is about to be destroyed. */
export function forgetBuffer(device: GPUDevice, buffer: GPUBuffer): void {
  stateOf(device).bindGroups.forget(buffer);
}

function stateOf(device: GPUDevice): DeviceState {
  let state = devices.get(device);
  if (!state) {
    state = { pipelines: new Map(), uniforms: new UniformCache(device), bindGroups: new BindGroupCache(device) };
    devices.set(device, state);
  }
  return state;
}

function keepPipeline(device: GPUDevice, key: string, pipeline: GPUComputePipeline): KnownPipeline {
  const known = { pipeline, layout: pipeline.getBindGroupLayout(0) };
  stateOf(device).pipelines.set(key, known);
  return known;
}

function descriptorOf(device: GPUDevice, pass: Pass): GPUComputePipelineDescriptor {
  // Past the limit WebGPU returns an invalid pipeline, whose results read as zeros.
  const bound = pass.buffers.length;
  if (bound > MAX_BUFFERS) throw new Error(`The pass ${pass.key} binds ${bound} buffers; ${MAX_BUFFERS} are allowed.`);
  const module = device.createShaderModule({ code: sourceOf(pass), label: pass.key });
  return { compute: { module, entryPoint: 'main' }, label: pass.key, layout: 'auto' };
}

function sourceOf(pass: Pass): string {
  const fields = Object.entries(pass.uniforms).map(([name, { type }]) => `${name}: ${type},`);
  const buffers = pass.buffers.map(({ name, access, tensor, element }, binding) => {
    const type = element ?? (tensor.dtype === 'float32' ? 'f32' : 'i32');
    return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`;
  });
  return [
    `struct Uniforms { ${fields.join(' ')} }`,
    ...buffers,
    `@group(0) @binding(${buffers.length}) var<uniform> uniforms: Uniforms;`,
    pass.code(),
  ].join('\n');
}
