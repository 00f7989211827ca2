/**
 * @file Uniform buffers by their content, kept from step to step: training repeats its shapes, so a step writes few.
 *
 * Bounded; what was not used for longest is destroyed. Nothing unsubmitted can need it, as TensorFlow.js submits every few
 * passes and {@link LIMIT} passes were recorded since its last.
 */

const LIMIT = 4096;

/** One scalar of the uniform struct; a changed value never recompiles. */
export interface PassUniform {
  type: 'u32' | 'i32' | 'f32';
  value: number;
  /** True for a value that differs from step to step, as Adam's rate does: then nothing is kept. */
  changing?: boolean;
}

/** The uniform buffers of one device. */
export class UniformCache {
  /** The one used last is last. */
  private readonly buffers = new Map<string, GPUBuffer>();

  constructor(private readonly device: GPUDevice) {}

  /** A buffer that holds these, in order; never to be written. */
  take(uniforms: Record<string, PassUniform>): GPUBuffer {
    const bytes = bytesOf(uniforms);
    const key = new Uint32Array(bytes).join();
    const known = this.buffers.get(key);
    if (known) this.buffers.delete(key);
    const buffer = known ?? this.create(bytes);
    this.buffers.set(key, buffer);
    return buffer;
  }

  private create(bytes: ArrayBuffer): GPUBuffer {
    const [oldest] = this.buffers;
    if (this.buffers.size >= LIMIT) {
      oldest[1].destroy();
      this.buffers.delete(oldest[0]);
    }
    const usage = GPUBufferUsage.UNIFORM;
    const buffer = this.device.createBuffer({ size: bytes.byteLength, usage, mappedAtCreation: true });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(bytes));
    buffer.unmap();
    return buffer;
  }
}

/** The fields one after another, four bytes each. */
export function bytesOf(uniforms: Record<string, PassUniform>): ArrayBuffer {
  const fields = Object.values(uniforms);
  const bytes = new ArrayBuffer(fields.length * 4);
  const view = new DataView(bytes);
  fields.forEach(({ type, value }, i) => {
    if (type === 'f32') view.setFloat32(i * 4, value, true);
    else if (type === 'i32') view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
  return bytes;
}
