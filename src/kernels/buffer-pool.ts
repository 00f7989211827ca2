/**
 * @file The pool that TensorFlow.js' WebGPU backend takes its GPU buffers from, with a limit on what lies idle.
 *
 * The stock pool (buffer_manager.ts of 4.22.0) keeps every size it ever saw for ever: a training step whose layers differ
 * in size then holds the sum of all of them. This one destroys idle buffers, the longest idle first, when a new one has to
 * be made and more than a limit lie idle. A buffer is destroyed only after everything recorded with it was submitted.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** Room for what a step takes up again at once; making a buffer costs its zeroing. */
const IDLE_LIMIT_BYTES = 256 * 2 ** 20;
/** Smaller buffers (uniforms, biases) are not worth a submission, and are acquired while a pass is being recorded. */
const SMALL_BYTES = 2 ** 20;

export class BufferPool {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  private readonly used = new Set<GPUBuffer>();
  private readonly idleByKey = new Map<string, GPUBuffer[]>();
  /** All idle buffers, the longest idle first. */
  private readonly idle = new Set<GPUBuffer>();

  /** @param submit sends off all that was recorded, so that no idle buffer is needed any more. */
  constructor(
    private readonly device: GPUDevice,
    private readonly submit: () => void,
    private readonly idleLimitBytes = IDLE_LIMIT_BYTES,
  ) {}

  acquireBuffer(size: number, usage: GPUBufferUsageFlags, mappedAtCreation = false, reuse = true): GPUBuffer {
    const buffer = (reuse && this.takeIdle(size, usage)) || this.create(size, usage, mappedAtCreation);
    this.used.add(buffer);
    this.numBytesUsed += buffer.size;
    return buffer;
  }

  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    // After `dispose`, the backend still hands back what it held.
    if (!this.used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.destroy(buffer);
      return;
    }
    this.idle.add(buffer);
    const key = keyOf(buffer.size, buffer.usage);
    const alike = this.idleByKey.get(key);
    if (alike) alike.push(buffer);
    else this.idleByKey.set(key, [buffer]);
  }

  /** Destroys idle buffers until at most `limitBytes` of them are left. */
  trim(limitBytes: number): void {
    if (this.idleBytes <= limitBytes) return;
    this.submit();
    for (const buffer of this.idle) {
      if (this.idleBytes <= limitBytes) return;
      const alike = this.idleByKey.get(keyOf(buffer.size, buffer.usage)) ?? [];
      alike.splice(alike.indexOf(buffer), 1);
      this.idle.delete(buffer);
      this.destroy(buffer);
    }
  }

  getNumUsedBuffers(): number {
    return this.used.size;
  }

  getNumFreeBuffers(): number {
    return this.idle.size;
  }

  dispose(): void {
    for (const buffer of [...this.used, ...this.idle]) buffer.destroy();
    this.used.clear();
    this.idle.clear();
    this.idleByKey.clear();
    this.numBytesUsed = 0;
    this.numBytesAllocated = 0;
  }

  private get idleBytes(): number {
    return this.numBytesAllocated - this.numBytesUsed;
  }

  private takeIdle(size: number, usage: GPUBufferUsageFlags): GPUBuffer | undefined {
    const buffer = this.idleByKey.get(keyOf(size, usage))?.pop();
    if (buffer) this.idle.delete(buffer);
    return buffer;
  }

  private create(size: number, usage: GPUBufferUsageFlags, mappedAtCreation: boolean): GPUBuffer {
    if (size >= SMALL_BYTES) this.trim(this.idleLimitBytes);
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation });
    this.numBytesAllocated += buffer.size;
    return buffer;
  }

  private destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
}

function keyOf(size: number, usage: GPUBufferUsageFlags): string {
  return `${size}_${usage}`;
}

/** Gives a backend that has not worked yet this pool in place of its own. */
export function limitIdleBuffers(backend: WebGPUBackend): void {
  const internals = backend as unknown as { commandEncoder: GPUCommandEncoder | null };
  const submit = () => {
    backend.endComputePassEncoder();
    if (internals.commandEncoder) backend.submitQueue();
  };
  const pool = new BufferPool(backend.device, submit);
  // The backend declares its own class, whose private members no other class can have.
  backend.bufferManager = pool as unknown as WebGPUBackend['bufferManager'];
}
