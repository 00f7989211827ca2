/**
 * @file Bind groups by what they bind, kept from step to step. The pool gives the same buffers again in the same
 * order (buffer-pool.ts), so a training step binds what the step before it bound, and makes no new group.
 *
 * A group keeps its buffers' memory alive in some browsers even when they are destroyed (WebKit's BindGroup holds them), so
 * the pool reports what it destroys. The number of groups is bounded: at the limit all are dropped.
 */

/** Several times the passes of one step of the longest network. */
const LIMIT = 8192;

/** The bind groups of one device. */
export class BindGroupCache {
  private readonly groups = new Map<string, GPUBindGroup>();
  /** By a buffer's number: the keys of the groups that bind it. */
  private readonly keysByBuffer = new Map<number, Set<string>>();
  /** Numbers of layouts and buffers, in order of appearance. */
  private readonly numbers = new WeakMap<GPUBindGroupLayout | GPUBuffer, number>();
  private nextNumber = 0;

  constructor(private readonly device: GPUDevice) {}

  /** The group that binds these whole buffers at 0, 1 and so on; made when there is none yet. */
  take(layout: GPUBindGroupLayout, buffers: GPUBuffer[]): GPUBindGroup {
    const numbers = buffers.map((buffer) => this.numberOf(buffer));
    const key = [this.numberOf(layout), ...numbers].join();
    const known = this.groups.get(key);
    if (known) return known;
    if (this.groups.size >= LIMIT) {
      this.groups.clear();
      this.keysByBuffer.clear();
    }
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.device.createBindGroup({ layout, entries });
    this.groups.set(key, group);
    for (const number of numbers) {
      const keys = this.keysByBuffer.get(number);
      if (keys) keys.add(key);
      else this.keysByBuffer.set(number, new Set([key]));
    }
    return group;
  }

  /** Drops every group that binds this buffer. */
  forget(buffer: GPUBuffer): void {
    const number = this.numbers.get(buffer);
    const keys = number === undefined ? undefined : this.keysByBuffer.get(number);
    if (number === undefined || !keys) return;
    this.keysByBuffer.delete(number);
    for (const key of keys) {
      this.groups.delete(key);
      const [, ...bound] = key.split(',');
      for (const other of bound) this.keysByBuffer.get(Number(other))?.delete(key);
    }
  }

  private numberOf(part: GPUBindGroupLayout | GPUBuffer): number {
    let number = this.numbers.get(part);
    if (number === undefined) {
      number = this.nextNumber++;
      this.numbers.set(part, number);
    }
    return number;
  }
}
