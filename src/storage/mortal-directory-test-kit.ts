/** @file A directory as seen by a worker that is killed after a given number of operations on files. For tests only. */

/** Ends after so many operations: the next one, and each after it, throws and changes nothing. */
export class Life {
  private readonly open = new Set<{ close(): void }>();

  constructor(private operationsLeft: number) {}

  get isOver(): boolean {
    return this.operationsLeft < 0;
  }

  /** Counts one operation. */
  spend(): void {
    this.operationsLeft -= 1;
    if (!this.isOver) return;
    // The browser lets go of the files of a worker that is gone.
    for (const access of this.open) access.close();
    this.open.clear();
    throw new Error('The worker was killed.');
  }

  holds(access: { close(): void }): void {
    this.open.add(access);
  }
}

/** The same directory, every operation on it and in it counted. */
export function mortalDirectory(real: FileSystemDirectoryHandle, life: Life): FileSystemDirectoryHandle {
  return counted(real, life, {
    getDirectoryHandle: (directory: FileSystemDirectoryHandle) => mortalDirectory(directory, life),
    getFileHandle: (file: FileSystemFileHandle) =>
      counted(file, life, {
        createSyncAccessHandle: (access: { close(): void }) => {
          life.holds(access);
          return counted(access, life, {});
        },
      }),
  });
}

/** @param wraps what becomes of the results of these methods */
function counted<T extends object>(real: T, life: Life, wraps: Record<string, (result: never) => unknown>): T {
  return new Proxy(real, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (property !== 'close' || life.isOver) life.spend();
        const result: unknown = Reflect.apply(value, target, args);
        const wrap = wraps[String(property)];
        if (!wrap) return result;
        return (result as Promise<never>).then(wrap);
      };
    },
  });
}
