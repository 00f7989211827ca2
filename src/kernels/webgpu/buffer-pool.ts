/**
 * @file The pool from which TensorFlow.js' WebGPU backend gets its GPU buffers, with a limit on idle ones.
 *
 * The stock pool (buffer_manager.ts of 4.22.0) keeps every size it ever saw for ever: a training step whose layers differ
 * in size then holds the sum of all of them. This one destroys idle buffers when a new one has to be made and more than a
 * limit lie idle; the largest first, so that few are made again. A buffer is destroyed only after everything recorded with
 * it was submitted. Of idle buffers alike it gives the one made first: so equal steps get equal buffers, and bind groups can
 * be kept (bind-group-cache.ts).
 *
 * It also notices when the device refuses a buffer. WebGPU reports that later, in an error scope, and goes on with a buffer that
 * reads as zeros. The first refusal is kept in {@link BufferPool.shortage}, to be checked between two steps.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { forgetBuffer, submitRecorded } from './webgpu-pass';

/** Idle buffers are destroyed while they exceed `idleBytes` and all buffers together exceed `totalBytes`. */
export interface PoolLimits {
  idleBytes: number;
  totalBytes: number;
}

/**
 * Making a buffer costs its zeroing, and on most drivers an allocation. So idle buffers are kept as long as the total is one
 * that any GPU has, and a network that needs more still keeps those it uses again at once.
 */
const LIMITS: PoolLimits = { idleBytes: 256 * 2 ** 20, totalBytes: 2.5 * 2 ** 30 };
/** Smaller buffers (uniforms, biases) are not worth a submission, and are acquired while a pass is being recorded. */
const SMALL_BYTES = 2 ** 20;

/** The first buffer that the device did not give. */
export interface Shortage {
  askedBytes: number;
  /** All that the pool held at that moment, and what of it was in use. */
  givenBytes: number;
  usedBytes: number;
  /** Set when no buffer of this size can exist on the device, whatever is free. */
  limitBytes: number | null;
}

/** Buffers by size and usage. A freed one is idle until it is given again or destroyed. */
export class BufferPool {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  /** The most that was allocated at once since {@link BufferPool.forget}. */
  peakBytesAllocated = 0;
  shortage: Shortage | null = null;
  /** Bytes the device had given when it first refused; from then on idle buffers are destroyed to stay below. */
  knownBytes: number | null = null;
  /** Results of error scopes that are still open. */
  private readonly pending = new Set<Promise<void>>();
  private readonly used = new Set<GPUBuffer>();
  /** Idle ones by size and usage. */
  /** The one made first is last. */
  private readonly idleByKey = new Map<string, GPUBuffer[]>();
  /** When each was made. */
  private readonly serials = new WeakMap<GPUBuffer, number>();
  private nextSerial = 0;

  /** @param submit sends off all that was recorded, so that no idle buffer is needed any more. */
  constructor(
    private readonly device: GPUDevice,
    readonly submit: () => void,
    private readonly limits = LIMITS,
  ) {}

  /** @throws {Error} for a buffer above the device's limits, or when a mapped one cannot be had. */
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
    const key = keyOf(buffer.size, buffer.usage);
    const alike = this.idleByKey.get(key);
    if (alike) this.insert(alike, buffer);
    else this.idleByKey.set(key, [buffer]);
  }

  /** Destroys idle buffers until at most `limitBytes` of them are left. */
  trim(limitBytes: number): void {
    if (this.idleBytes <= limitBytes) return;
    this.submit();
    const kinds = [...this.idleByKey.values()].filter(({ length }) => length > 0);
    for (const alike of kinds.sort(([a], [b]) => b.size - a.size)) {
      for (const buffer of [...alike]) {
        if (this.idleBytes <= limitBytes) return;
        alike.shift();
        this.destroy(buffer);
      }
    }
  }

  /** Destroys everything idle, what was freed but not yet submitted included. */
  releaseIdle(): void {
    this.submit();
    this.trim(0);
  }

  /** Resolves when it is known of every buffer so far whether the device gave it. */
  async settle(): Promise<void> {
    await Promise.all(this.pending);
  }

  /** Resets peak and shortage: they count from here on. */
  forget(): void {
    this.peakBytesAllocated = this.numBytesAllocated;
    this.shortage = null;
  }

  /** Records a refusal, of this pool's own or reported from elsewhere. */
  reportShortage(
    askedBytes: number,
    { givenBytes, usedBytes } = { givenBytes: this.numBytesAllocated, usedBytes: this.numBytesUsed },
  ): void {
    this.shortage ??= { askedBytes, givenBytes, usedBytes, limitBytes: null };
    this.knownBytes = Math.min(givenBytes, this.knownBytes ?? givenBytes);
  }

  getNumUsedBuffers(): number {
    return this.used.size;
  }

  getNumFreeBuffers(): number {
    return [...this.idleByKey.values()].reduce((sum, { length }) => sum + length, 0);
  }

  dispose(): void {
    for (const buffer of [...this.used, ...[...this.idleByKey.values()].flat()]) buffer.destroy();
    this.used.clear();
    this.idleByKey.clear();
    this.numBytesUsed = 0;
    this.numBytesAllocated = 0;
  }

  private get idleBytes(): number {
    return this.numBytesAllocated - this.numBytesUsed;
  }

  private takeIdle(size: number, usage: GPUBufferUsageFlags): GPUBuffer | undefined {
    return this.idleByKey.get(keyOf(size, usage))?.pop();
  }

  private insert(alike: GPUBuffer[], buffer: GPUBuffer): void {
    const serialOf = (one: GPUBuffer) => this.serials.get(one) as number;
    const place = alike.findIndex((other) => serialOf(other) < serialOf(buffer));
    alike.splice(place < 0 ? alike.length : place, 0, buffer);
  }

  private create(size: number, usage: GPUBufferUsageFlags, mappedAtCreation: boolean): GPUBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const limitBytes =
      usage & GPUBufferUsage.STORAGE ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size > limitBytes) {
      this.shortage ??= {
        askedBytes: size,
        givenBytes: this.numBytesAllocated,
        usedBytes: this.numBytesUsed,
        limitBytes,
      };
      throw new Error(`A buffer of ${size} bytes passes this device's limit of ${limitBytes}`);
    }
    const isLarge = size >= SMALL_BYTES;
    if (isLarge) this.trim(this.roomForIdle(size));
    const descriptor = { size, usage, mappedAtCreation };
    const buffer = isLarge ? this.createWatched(descriptor) : this.device.createBuffer(descriptor);
    this.serials.set(buffer, this.nextSerial);
    this.nextSerial += 1;
    this.numBytesAllocated += buffer.size;
    this.peakBytesAllocated = Math.max(this.peakBytesAllocated, this.numBytesAllocated);
    return buffer;
  }

  private roomForIdle(size: number): number {
    const { idleBytes, totalBytes } = this.limits;
    const needed = this.numBytesUsed + size;
    const limit = Math.max(idleBytes, totalBytes - needed);
    return this.knownBytes === null ? limit : Math.min(limit, Math.max(0, this.knownBytes - needed));
  }

  private createWatched(descriptor: GPUBufferDescriptor): GPUBuffer {
    const held = { givenBytes: this.numBytesAllocated, usedBytes: this.numBytesUsed };
    this.device.pushErrorScope('out-of-memory');
    try {
      return this.device.createBuffer(descriptor);
    } catch (error) {
      // A buffer that is mapped at once is refused at once.
      this.reportShortage(descriptor.size, held);
      throw error;
    } finally {
      const scope = this.device.popErrorScope().then(
        (error) => {
          if (error) this.reportShortage(descriptor.size, held);
          else this.noteGiven(held.givenBytes + descriptor.size);
        },
        // The device was lost, which its own event reports.
        () => undefined,
      );
      this.pending.add(scope);
      void scope.then(() => this.pending.delete(scope));
    }
  }

  /** Another program may have given memory back. What is counted after a refusal includes buffers that do not exist. */
  private noteGiven(bytes: number): void {
    if (this.knownBytes !== null && this.shortage === null) this.knownBytes = Math.max(this.knownBytes, bytes);
  }

  private destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    forgetBuffer(this.device, buffer);
    buffer.destroy();
  }
}

function keyOf(size: number, usage: GPUBufferUsageFlags): string {
  return `${size}_${usage}`;
}

/** Replaces the pool of a backend that has not computed anything yet. */
export function limitIdleBuffers(backend: WebGPUBackend, limits = LIMITS): BufferPool {
  const pool = new BufferPool(backend.device, () => submitRecorded(backend), limits);
  // The backend declares its own class, whose private members no other class can have.
  backend.bufferManager = pool as unknown as WebGPUBackend['bufferManager'];
  return pool;
}
