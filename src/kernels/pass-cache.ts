/**
 * @file What a pass needs besides its pipeline, kept from step to step: uniform buffers by their content, and bind groups
 * by what they bind.
 *
 * Training repeats itself: the shapes are the same in every step, and the pool hands out the same buffers in the same
 * order. Both caches are bounded and drop what was not used for longest. A dropped uniform buffer is destroyed; nothing
 * unsubmitted can need it, as TensorFlow.js submits every few passes and {@link LIMIT} passes were recorded since its last.
 */

const LIMIT = 4096;

/** One scalar of the uniform struct; a changed value never recompiles. */
export interface PassUniform {
  type: 'u32' | 'i32' | 'f32';
  value: number;
}

export interface CachedPipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Unlike that of any other pipeline of the device. */
  id: number;
}

/** A map that forgets what was not asked for longest. */
class RecentlyUsed<Value> {
  private readonly entries = new Map<string, Value>();

  constructor(
    private readonly limit: number,
    private readonly onDrop: (value: Value) => void,
  ) {}

  take(key: string, make: () => Value): Value {
    const known = this.entries.get(key);
    const value = known ?? make();
    if (known !== undefined) this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.limit) {
      const [oldest] = this.entries;
      this.entries.delete(oldest[0]);
      this.onDrop(oldest[1]);
    }
    return value;
  }
}

/** The caches of one device. */
export class PassCache {
  private readonly uniforms = new RecentlyUsed<GPUBuffer>(LIMIT, (buffer) => buffer.destroy());
  private readonly bindGroups = new RecentlyUsed<GPUBindGroup>(LIMIT, () => undefined);
  private readonly bufferIds = new WeakMap<GPUBuffer, number>();
  private bufferCount = 0;

  constructor(private readonly device: GPUDevice) {}

  /** A buffer that holds these, in order; never to be written. */
  uniformBuffer(uniforms: Record<string, PassUniform>): GPUBuffer {
    const fields = Object.values(uniforms);
    const bytes = new ArrayBuffer(fields.length * 4);
    const view = new DataView(bytes);
    fields.forEach(({ type, value }, i) => {
      if (type === 'f32') view.setFloat32(i * 4, value, true);
      else if (type === 'i32') view.setInt32(i * 4, value, true);
      else view.setUint32(i * 4, value, true);
    });
    return this.uniforms.take(new Uint32Array(bytes).join(), () => {
      const usage = GPUBufferUsage.UNIFORM;
      const buffer = this.device.createBuffer({ size: bytes.byteLength, usage, mappedAtCreation: true });
      new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(bytes));
      buffer.unmap();
      return buffer;
    });
  }

  bindGroup({ layout, id }: CachedPipeline, buffers: GPUBuffer[]): GPUBindGroup {
    const key = `${id}:${buffers.map((buffer) => this.idOf(buffer)).join()}`;
    return this.bindGroups.take(key, () =>
      this.device.createBindGroup({
        layout,
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
  }

  private idOf(buffer: GPUBuffer): number {
    let id = this.bufferIds.get(buffer);
    if (id === undefined) {
      id = this.bufferCount;
      this.bufferCount += 1;
      this.bufferIds.set(buffer, id);
    }
    return id;
  }
}
