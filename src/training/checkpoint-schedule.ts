/** @file When a checkpoint is due, by what the recipe says of it. */

import type { Recipe } from '../domain/recipe';

const MINUTE_MS = 60_000;

/** Of one run. Times are those of its training, without pauses. */
export class CheckpointSchedule {
  private triedMs: number;

  constructor(
    private readonly settings: Recipe['checkpoints'],
    elapsedMs: number,
  ) {
    this.triedMs = elapsedMs;
  }

  /** Between two batches. */
  isDueWithinEpoch(elapsedMs: number): boolean {
    return elapsedMs - this.triedMs >= this.settings.everyMinutes * MINUTE_MS;
  }

  /** @param mustBeKept its weights are the best so far, or the last of the run */
  isDueAfterEpoch(epoch: number, mustBeKept: boolean): boolean {
    return mustBeKept || epoch % this.settings.everyEpochs === 0;
  }

  /** A checkpoint was written, or could not be: the minutes count from here. */
  tried(elapsedMs: number): void {
    this.triedMs = elapsedMs;
  }
}
