/** @file How fast training goes and how long it will take, from the batches so far. */

/** Weight of the earlier batches when a new one is added: the last ten or so determine the pace. */
const MEMORY = 0.8;

/** Speed in images per second, and the time left, in milliseconds. */
export class Pace {
  private previousMs: number | null = null;
  private recentMs = 0;
  private recentImages = 0;
  /** Time of the last validation and checkpoint, once known. */
  private betweenEpochsMs = 0;

  /** Call after each batch with the run's elapsed time. The first batch compiles programs and does not count. */
  batchEnded(elapsedMs: number, imageCount: number): void {
    if (this.previousMs !== null) {
      this.recentMs = MEMORY * this.recentMs + elapsedMs - this.previousMs;
      this.recentImages = MEMORY * this.recentImages + imageCount;
    }
    this.previousMs = elapsedMs;
  }

  /** Call when validation and checkpoint of an epoch are done. */
  epochEnded(elapsedMs: number): void {
    this.betweenEpochsMs = elapsedMs - (this.previousMs ?? elapsedMs);
    this.previousMs = elapsedMs;
  }

  /** Over the recent batches: images by the time they took. 0 while unknown. */
  get imagesPerSecond(): number {
    return this.recentMs > 0 ? (1000 * this.recentImages) / this.recentMs : 0;
  }

  /** Null while unknown. */
  timeLeftMs(imagesLeft: number, epochsLeft: number): number | null {
    if (this.recentImages === 0) return null;
    return (this.recentMs / this.recentImages) * imagesLeft + this.betweenEpochsMs * epochsLeft;
  }
}
