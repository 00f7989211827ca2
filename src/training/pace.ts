/** @file How fast training goes and how long it will take, from the batches so far. */

/** Share of the newest batch in the running mean of the batch time. */
const WEIGHT_OF_NEWEST = 0.2;

export class Pace {
  private previousMs: number | null = null;
  private meanImageMs: number | null = null;
  /** Time of the last validation and checkpoint, once known. */
  private betweenEpochsMs = 0;

  /** Call after each batch with the run's elapsed time. The first batch compiles programs and does not count. */
  batchEnded(elapsedMs: number, imageCount: number): void {
    if (this.previousMs !== null) {
      const imageMs = (elapsedMs - this.previousMs) / imageCount;
      this.meanImageMs =
        this.meanImageMs === null ? imageMs : this.meanImageMs + WEIGHT_OF_NEWEST * (imageMs - this.meanImageMs);
    }
    this.previousMs = elapsedMs;
  }

  /** Call when validation and checkpoint of an epoch are done. */
  epochEnded(elapsedMs: number): void {
    this.betweenEpochsMs = elapsedMs - (this.previousMs ?? elapsedMs);
    this.previousMs = elapsedMs;
  }

  /** 0 while unknown. */
  get imagesPerSecond(): number {
    return this.meanImageMs ? 1000 / this.meanImageMs : 0;
  }

  /** Null while unknown. */
  timeLeftMs(imagesLeft: number, epochsLeft: number): number | null {
    return this.meanImageMs === null ? null : this.meanImageMs * imagesLeft + this.betweenEpochsMs * epochsLeft;
  }
}
