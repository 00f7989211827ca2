/**
 * @file Bind groups by what they bind, kept from step to step: with a pool that gives the same buffers again in the same
 * order (buffer-pool.ts), a step of training binds what the one before it bound, and makes none.
 *
 * Bounded, by forgetting all. A destroyed buffer's memory goes back at once, whatever bind groups still name it.
 */

/** Several times the passes of one step of the longest network. */
const LIMIT = 8192;

/** Of one device. */
export class BindGroupCache {
  private readonly groups = new Map<string, GPUBindGroup>();
  /** Numbers of layouts and buffers, in order of appearance. */
  private readonly numbers = new WeakMap<GPUBindGroupLayout | GPUBuffer, number>();
  private nextNumber = 0;

  constructor(private readonly device: GPUDevice) {}

  /** The buffers, whole, at bindings 0, 1 and so on. */
  take(layout: GPUBindGroupLayout, buffers: GPUBuffer[]): GPUBindGroup {
    const key = [layout, ...buffers].map((part) => this.numberOf(part)).join();
    const known = this.groups.get(key);
    if (known) return known;
    if (this.groups.size >= LIMIT) this.groups.clear();
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.device.createBindGroup({ layout, entries });
    this.groups.set(key, group);
    return group;
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
