/** @file Elapsed time with pauses left out. */

/** Counts milliseconds, without pauses. */
export class Stopwatch {
  private startedAtMs: number | null;

  /** @param elapsedMs the count to start from. */
  constructor(
    private elapsedMs = 0,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startedAtMs = now();
  }

  pause(): void {
    this.elapsedMs = this.readMs();
    this.startedAtMs = null;
  }

  resume(): void {
    this.startedAtMs ??= this.now();
  }

  readMs(): number {
    return this.elapsedMs + (this.startedAtMs === null ? 0 : this.now() - this.startedAtMs);
  }
}
