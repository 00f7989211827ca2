/**
 * @file TensorFlow.js' backend `processor`: tensors lie in the memory of WebAssembly, where our kernels find them.
 *
 * It extends the library's own CPU backend, so that each of its kernels works here too, slowly: what ours replace is a
 * matter of speed. Their results lie outside and are moved in when one of our kernels first reads them.
 */

import { type backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { KernelArgument, ProcessorDevice } from './processor-device';

/** An array of so many bytes goes into the memory at once, so that the caller's can go; a smaller one when a kernel of ours reads it. */
const LARGE_BYTES = 2 ** 20;

type Values = Float32Array | Int32Array;

/** A tensor's data in the memory. The memory may grow, so views of it are made when they are asked for. */
class HeapData {
  refCount = 1;

  constructor(
    private readonly device: ProcessorDevice,
    readonly dtype: 'float32' | 'int32',
    readonly pointer: number,
    private readonly length: number,
  ) {}

  get values(): Values {
    const { buffer } = this.device.heap.memory;
    return this.dtype === 'float32'
      ? new Float32Array(buffer, this.pointer, this.length)
      : new Int32Array(buffer, this.pointer, this.length);
  }
}

/** What lies outside of the memory, as the CPU backend keeps it. */
interface PlainData {
  values?: backend_util.BackendValues;
  dtype: DataType;
  refCount: number;
}

export class ProcessorBackend extends MathBackendCPU {
  /** What the kernel that runs now has made in the memory. */
  private made: TensorInfo[] = [];

  constructor(readonly device: ProcessorDevice) {
    super();
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    // First, as there may be no room.
    const data = this.keep(values, shape, dtype);
    const dataId = super.write(values, shape, dtype);
    this.replace(dataId, data);
    return dataId;
  }

  /** A copy: what is in the memory may be freed and written again. */
  override readSync(dataId: object): backend_util.BackendValues {
    const values = super.readSync(dataId);
    return ArrayBuffer.isView(values) && isShared(values) ? (values as Float32Array).slice() : values;
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.data.has(dataId) ? (this.data.get(dataId) as unknown) : null;
    const gone = super.disposeData(dataId, force);
    if (gone && data instanceof HeapData) this.device.heap.release(data.pointer);
    return gone;
  }

  /** A tensor of undefined content in the memory. */
  makeOnHeap(shape: number[], dtype: 'float32' | 'int32' = 'float32'): TensorInfo {
    const made = this.makeTensorInfo(shape, dtype);
    this.made.push(made);
    return made;
  }

  /** Runs a kernel; where it ends half-way, for want of memory or of a thread, what it has made is freed. */
  attempt<Result>(kernel: () => Result): Result {
    this.made = [];
    try {
      return kernel();
    } catch (error) {
      for (const { dataId } of this.made) this.disposeData(dataId, true);
      throw error;
    } finally {
      this.made = [];
    }
  }

  /** Memory of `bytes` for as long as `work` takes. */
  borrow(bytes: number, work: (pointer: number) => void): void {
    const { heap } = this.device;
    const pointer = heap.allocate(bytes);
    try {
      work(pointer);
    } finally {
      heap.release(pointer);
    }
  }

  /**
   * Address of a float32 or int32 tensor's data, moved into the memory if it is not there.
   * @throws {Error} for other types, and where a stock kernel has handed on data of one type as another.
   */
  pointerOf({ dataId, shape, dtype: declared }: TensorInfo): number {
    const data = this.data.get(dataId) as unknown;
    const { dtype } = data as HeapData | PlainData;
    if (dtype !== declared) throw new Error(`A tensor of ${declared} lies there as ${dtype}`);
    if (data instanceof HeapData) return data.pointer;
    const { values, refCount } = data as PlainData;
    if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`A tensor of ${dtype} has no address`);
    const moved = this.allocate(shape, dtype);
    moved.values.set(values as Values);
    moved.refCount = refCount;
    this.replace(dataId, moved);
    return moved.pointer;
  }

  /** {@link ProcessorDevice.run}, for kernels with tensors among their arguments. */
  run(name: string, parts: number, args: readonly (KernelArgument | TensorInfo)[]): void {
    const slots = args.map((value) => (typeof value === 'object' && 'dataId' in value ? this.pointerOf(value) : value));
    this.device.run(name, parts, slots);
  }

  /** The storage counts what is set, whether or not it was there. */
  private replace(dataId: object, data: HeapData | PlainData): void {
    this.data.delete(dataId);
    this.data.set(dataId, data as never);
  }

  private keep(values: backend_util.BackendValues | undefined, shape: number[], dtype: DataType): HeapData | PlainData {
    if (!values && (dtype === 'float32' || dtype === 'int32')) return this.allocate(shape, dtype);
    if (ArrayBuffer.isView(values) && (dtype === 'float32' || dtype === 'int32')) {
      // A part of another tensor's memory may be freed before this one.
      if (isShared(values) || values.byteLength >= LARGE_BYTES) {
        const copy = this.allocate(shape, dtype);
        copy.values.set(values as Values);
        return copy;
      }
    }
    return { values, dtype, refCount: 1 };
  }

  private allocate(shape: number[], dtype: 'float32' | 'int32'): HeapData {
    const length = util.sizeFromShape(shape);
    return new HeapData(this.device, dtype, this.device.heap.allocate(4 * length), length);
  }
}

function isShared({ buffer }: ArrayBufferView): boolean {
  return buffer.constructor.name === 'SharedArrayBuffer';
}
