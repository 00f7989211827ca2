/** @file What a run reports about its speed, its memory and the time that is left. */

import { epochOperations, gflopsOf, type Operations } from '../architectures/operations';
import type { RunEvent } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import type { EpochLog, RunRecord } from '../domain/run';
import { Pace } from './pace';
import type { RunDevice } from './run-device';
import { Stopwatch } from './stopwatch';
import type { TrainingEvent } from './train-network';

/** Time of a run until its checkpoint, in milliseconds; zeros for a new run. */
export interface Elapsed {
  elapsedMs: number;
  epochElapsedMs: number;
}

/** Measures one run. */
export class RunTelemetry {
  private readonly stopwatch: Stopwatch;
  private readonly pace = new Pace();
  private epochStartedMs: number;

  constructor(
    private readonly recipe: Recipe,
    private readonly counts: RunRecord['dataset']['counts'],
    private readonly operations: Operations,
    private readonly device: RunDevice,
    private readonly before: Elapsed,
  ) {
    this.stopwatch = new Stopwatch(before.elapsedMs);
    this.epochStartedMs = before.elapsedMs - before.epochElapsedMs;
  }

  pause(): void {
    this.stopwatch.pause();
  }

  resume(): void {
    this.stopwatch.resume();
  }

  get elapsedMs(): number {
    return this.stopwatch.readMs();
  }

  get epochElapsedMs(): number {
    return this.elapsedMs - this.epochStartedMs;
  }

  /** Call before the first batch: the time before it does not count for the epoch. */
  trainingStarts(): void {
    this.epochStartedMs = this.elapsedMs - this.before.epochElapsedMs;
  }

  batchEnded(event: Extract<TrainingEvent, { type: 'batch' }>): Extract<RunEvent, { type: 'batchEnded' }> {
    const { epoch, batch, batchCount, means, imageCount } = event;
    this.pace.batchEnded(this.elapsedMs, imageCount);
    const { imagesPerSecond } = this.pace;
    const epochImages = this.counts.train;
    const seenThisEpoch = Math.min(batch * this.recipe.batchSize, epochImages);
    const epochsLeft = this.recipe.epochs - epoch;
    return {
      type: 'batchEnded',
      epoch,
      batch,
      batchCount,
      loss: means.loss,
      accuracy: means.accuracy,
      imagesPerSecond,
      gflops: imagesPerSecond > 0 ? gflopsOf(this.operations.training * imagesPerSecond, 1000) : null,
      memory: this.device.measureMemory().allocated,
      timeLeftMs: this.pace.timeLeftMs(epochImages - seenThisEpoch + epochsLeft * epochImages, epochsLeft + 1),
    };
  }

  /** Call when an epoch's validation is over. */
  measureEpoch(): Pick<EpochLog, 'timeMs' | 'tensorCount' | 'gpuBytes'> {
    const { tensorCount, usedBytes: gpuBytes } = this.device.measureMemory();
    return { timeMs: this.epochElapsedMs, tensorCount, gpuBytes };
  }

  /** Empty for a time too short to be measured. */
  epochGflops(timeMs: number): Pick<EpochLog, 'gflops'> {
    const gflops = gflopsOf(epochOperations(this.operations, this.counts), timeMs);
    return Number.isFinite(gflops) ? { gflops } : {};
  }

  /** Call when validation and checkpoint of an epoch are done. */
  epochEnded(): void {
    this.pace.epochEnded(this.elapsedMs);
    this.epochStartedMs = this.elapsedMs;
  }
}
