/**
 * @file Files whose bytes can be read at once, in place of Node's: the HDF5 library reads files as workers of a browser do, by
 * `FileReaderSync`, which Node lacks.
 */

/** As much of a Blob as the readers use. */
class MemoryBlob {
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(parts: readonly (Uint8Array | ArrayBuffer | MemoryBlob | string)[] = []) {
    const pieces = parts.map((part) => {
      if (part instanceof MemoryBlob) return part.bytes;
      if (typeof part === 'string') return new TextEncoder().encode(part);
      return part instanceof ArrayBuffer ? new Uint8Array(part) : part;
    });
    this.bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      this.bytes.set(piece, at);
      at += piece.length;
    }
  }

  get size(): number {
    return this.bytes.length;
  }

  slice(from = 0, to = this.size): MemoryBlob {
    const end = Math.min(this.size, to < 0 ? this.size + to : to);
    const start = Math.min(end, from < 0 ? Math.max(0, this.size + from) : from);
    return new MemoryBlob([this.bytes.subarray(start, end)]);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.bytes.slice().buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.bytes);
  }

  stream(): ReadableStream<Uint8Array> {
    const { bytes } = this;
    let at = 0;
    return new ReadableStream({
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
      },
    });
  }
}

const PIECE_BYTES = 2 ** 16;

class MemoryFile extends MemoryBlob {
  constructor(
    parts: ConstructorParameters<typeof MemoryBlob>[0],
    readonly name: string,
  ) {
    super(parts);
  }
}

class MemoryReader {
  readAsArrayBuffer(blob: MemoryBlob): ArrayBuffer {
    return blob.bytes.slice().buffer;
  }
}

/** Makes this thread read files as a worker of a browser does. To be called before the HDF5 library is loaded. */
export function becomeFileWorker(): void {
  Object.assign(globalThis, {
    Blob: MemoryBlob,
    File: MemoryFile,
    FileReaderSync: MemoryReader,
    WorkerGlobalScope: MemoryReader,
  });
}
