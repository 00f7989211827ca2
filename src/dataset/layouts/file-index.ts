/** @file Finds a file by the path a list gives it, forgiving what differs between machines. */

export class FileIndex {
  private readonly exact: Set<string>;
  private loose: Map<string, string> | null = null;

  constructor(private readonly paths: readonly string[]) {
    this.exact = new Set(paths);
  }

  /**
   * The file's own path, or null. Tried in turn: as written; other capitals or Unicode composition (lists written on
   * Windows or macOS); without leading folders (lists with the full path of another machine).
   */
  find(path: string): string | null {
    if (this.exact.has(path)) return path;
    this.loose ??= new Map(this.paths.map((own) => [looseKey(own), own]));
    let rest = looseKey(path);
    for (;;) {
      const found = this.loose.get(rest);
      if (found !== undefined) return found;
      const slash = rest.indexOf('/');
      // A bare file name could be any class's file of that name.
      if (slash < 0 || !rest.includes('/', slash + 1)) return null;
      rest = rest.slice(slash + 1);
    }
  }
}

function looseKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
