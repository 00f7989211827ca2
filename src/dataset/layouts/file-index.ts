/** @file Finds a file by the path a list gives it, forgiving what differs between machines. */

/** Of a path ending: the file that has it, or this when several have. */
const SEVERAL = Symbol('several');

/** The paths of a folder, to be found by a path as a list file writes it. */
export class FileIndex {
  private readonly exact: Set<string>;
  private loose: Map<string, string> | null = null;
  private endings: Map<string, string | typeof SEVERAL> | null = null;
  /** Characters of the longest path: nothing longer is a file's path or the ending of one. */
  private longest = 0;

  constructor(private readonly paths: readonly string[]) {
    this.exact = new Set(paths);
  }

  /**
   * The file's own path, or null. Tried in turn: as written; other capitals or Unicode composition (lists written on
   * Windows or macOS); as the ending of one file's path alone (lists written inside a folder that is now deeper); then
   * the last two again without leading folders (lists with the full path of another machine).
   */
  find(path: string): string | null {
    if (this.exact.has(path)) return path;
    const found = this.search(path);
    return found === SEVERAL ? null : found;
  }

  /** True when `path` is no file's own path but the ending of several. */
  isAmbiguous(path: string): boolean {
    return !this.exact.has(path) && this.search(path) === SEVERAL;
  }

  private search(path: string): string | typeof SEVERAL | null {
    if (this.loose === null) {
      this.loose = new Map(this.paths.map((own) => [looseKey(own), own]));
      for (const key of this.loose.keys()) this.longest = Math.max(this.longest, key.length);
    }
    this.endings ??= indexEndings(this.paths);
    const whole = looseKey(path);
    let rest = whole.slice(Math.max(0, whole.lastIndexOf('/', whole.length - this.longest - 2) + 1));
    for (;;) {
      const found = this.loose.get(rest) ?? this.endings.get(rest);
      if (found !== undefined) return found;
      const slash = rest.indexOf('/');
      // With its folder taken off, a bare file name could be any class's file of that name.
      if (slash < 0 || !rest.includes('/', slash + 1)) return null;
      rest = rest.slice(slash + 1);
    }
  }
}

/** By everything that a path ends in, a whole number of parts, the path itself left out. */
function indexEndings(paths: readonly string[]): Map<string, string | typeof SEVERAL> {
  const endings = new Map<string, string | typeof SEVERAL>();
  for (const own of paths) {
    const key = looseKey(own);
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      const ending = key.slice(slash + 1);
      endings.set(ending, endings.has(ending) ? SEVERAL : own);
    }
  }
  return endings;
}

function looseKey(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
