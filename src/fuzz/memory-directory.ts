/**
 * @file A directory of the origin-private file system, in memory: as much of its interface as the stores use. Node has none.
 *
 * Names that a browser refuses are refused as it does.
 */

type Entry = MemoryFile | MemoryDirectory;

class MemoryFile {
  readonly kind = 'file';
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(
    private readonly parent: MemoryDirectory,
    public name: string,
  ) {}

  async getFile(): Promise<File> {
    return new File([this.bytes], this.name);
  }

  async move(newName: string): Promise<void> {
    this.parent.entries.delete(this.name);
    this.name = newName;
    this.parent.entries.set(newName, this);
  }

  async createSyncAccessHandle() {
    return {
      write: (bytes: Uint8Array, { at }: { at: number }) => {
        const whole = new Uint8Array(Math.max(this.bytes.length, at + bytes.length));
        whole.set(this.bytes);
        whole.set(bytes, at);
        this.bytes = whole;
        return bytes.length;
      },
      truncate: (sizeBytes: number) => {
        this.bytes = this.bytes.slice(0, sizeBytes);
      },
      getSize: () => this.bytes.length,
      flush: () => undefined,
      close: () => undefined,
    };
  }
}

class MemoryDirectory {
  readonly kind = 'directory';
  readonly entries = new Map<string, Entry>();

  constructor(readonly name: string) {}

  async getFileHandle(name: string, { create = false } = {}): Promise<MemoryFile> {
    return this.entry(name, create, 'file', () => new MemoryFile(this, name)) as MemoryFile;
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<MemoryDirectory> {
    return this.entry(name, create, 'directory', () => new MemoryDirectory(name)) as MemoryDirectory;
  }

  async *keys(): AsyncGenerator<string> {
    yield* this.entries.keys();
  }

  async *values(): AsyncGenerator<Entry> {
    yield* this.entries.values();
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.entries.delete(name)) throw new DOMException(`No ${name}`, 'NotFoundError');
  }

  private entry(name: string, create: boolean, kind: Entry['kind'], make: () => Entry): Entry {
    if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
      throw new TypeError('Name is not allowed.');
    const found = this.entries.get(name);
    if (found && found.kind !== kind) throw new DOMException(`${name} is a ${found.kind}`, 'TypeMismatchError');
    if (found) return found;
    if (!create) throw new DOMException(`No ${name}`, 'NotFoundError');
    const made = make();
    this.entries.set(name, made);
    return made;
  }
}

/** An empty directory. */
export function memoryDirectory(name = 'root'): FileSystemDirectoryHandle {
  return new MemoryDirectory(name) as unknown as FileSystemDirectoryHandle;
}

/** The files of a directory and of those in it, by path. */
export async function readAll(directory: FileSystemDirectoryHandle, before = ''): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for await (const entry of (directory as unknown as MemoryDirectory).values()) {
    if (entry.kind === 'file') files[before + entry.name] = entry.bytes.slice();
    else Object.assign(files, await readAll(entry as unknown as FileSystemDirectoryHandle, `${before}${entry.name}/`));
  }
  return files;
}

/** A directory with these files, by path. */
export async function directoryOf(
  files: Record<string, Uint8Array>,
  name?: string,
): Promise<FileSystemDirectoryHandle> {
  const root = memoryDirectory(name);
  for (const [path, bytes] of Object.entries(files)) {
    const folders = path.split('/');
    const fileName = folders.pop() ?? '';
    let directory = root;
    for (const folder of folders) directory = await directory.getDirectoryHandle(folder, { create: true });
    const file = (await directory.getFileHandle(fileName, { create: true })) as unknown as MemoryFile;
    file.bytes = Uint8Array.from(bytes);
  }
  return root;
}
