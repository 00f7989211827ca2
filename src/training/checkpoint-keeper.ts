/**
 * @file Keeps a run's checkpoints during the run: when one is due, what it holds, and what the record then says of it.
 *
 * One that cannot be stored, for want of space, ends no run: the last good one stays and the person is informed.
 */

import { CHECKPOINT_SCHEMA_VERSION, type CheckpointState, type TrainingPosition } from '../domain/checkpoint';
import { toFailure } from '../domain/failure';
import type { RunEvent } from '../domain/protocol';
import { type EpochLog, isTrained, lastKeptOf, placeWords, type RunRecord } from '../domain/run';
import type { Callback } from './callbacks/callback';
import { CheckpointSchedule } from './checkpoint-schedule';
import { WeightNotNumbersError } from './checkpoint-tensors';
import type { Divergence } from './divergence';
import type { RunDevice } from './run-device';
import type { RunParts } from './run-parts';
import type { RunTelemetry } from './run-telemetry';

/** What became of a checkpoint; a divergence when its weights are not finite numbers. */
export type Kept = 'not due' | 'stored' | 'not stored' | Divergence;

export interface KeptRun {
  parts: RunParts;
  device: RunDevice;
  /** What is stored of the run is noted in it. */
  record: RunRecord;
  telemetry: RunTelemetry;
  callbacks: Callback[];
  onEvent: (event: RunEvent) => void;
}

/** Keeps one run's checkpoints. */
export class CheckpointKeeper {
  private readonly schedule: CheckpointSchedule;

  constructor(private readonly run: KeptRun) {
    this.schedule = new CheckpointSchedule(run.parts.recipe.checkpoints, run.telemetry.elapsedMs);
  }

  /**
   * Between two batches.
   * @param readPosition waits for the batch that is under way
   * @throws {StudioError} an error of the device
   */
  async keepWithinEpoch(readPosition: () => Promise<TrainingPosition>): Promise<Kept> {
    const { record, telemetry } = this.run;
    if (!this.schedule.isDueWithinEpoch(telemetry.elapsedMs)) return 'not due';
    const position = await readPosition();
    // The time of an epoch is that of its training.
    telemetry.pause();
    try {
      this.say(`Saving the weights within epoch ${position.epoch + 1}`);
      const kept = await this.save(this.stateAt(position, { ...record }, telemetry.epochElapsedMs), true);
      this.run.onEvent({ type: 'phaseChanged', phase: 'training', detail: '' });
      return kept;
    } finally {
      telemetry.resume();
    }
  }

  /**
   * After an epoch and its validation. That its weights are the best is noted in the record once they are stored.
   * @throws {StudioError} an error of the device
   */
  async keepEpoch(log: EpochLog, isBest: boolean, position: TrainingPosition): Promise<Kept> {
    const { record } = this.run;
    const { epoch } = log;
    const soFar = { ...record, epochs: [...record.epochs, log] };
    const isLast = isTrained(soFar);
    if (!this.schedule.isDueAfterEpoch(epoch, isBest || isLast)) return 'not due';
    this.say(`Saving the weights of epoch ${epoch}`);
    const bestEpoch = isBest ? epoch : record.bestEpoch;
    // To be tested and explained, the last weights need no slots.
    const kept = await this.save(this.stateAt(position, { ...soFar, bestEpoch }, 0), !isLast);
    if (kept === 'stored') record.bestEpoch = bestEpoch;
    if (kept === 'not stored') {
      record.unkeptEpochs = [...(record.unkeptEpochs ?? []), epoch];
      // What is stored is of an earlier epoch, and only good for continuing the run.
      if (isLast) record.lastKept = null;
    }
    return kept;
  }

  private async save(state: CheckpointState, withSlots: boolean): Promise<Exclude<Kept, 'not due'>> {
    const { parts, record, telemetry, onEvent } = this.run;
    const { epoch, step } = state.position;
    try {
      await parts.checkpoints.save(state, withSlots);
    } catch (error) {
      if (error instanceof WeightNotNumbersError) {
        return { where: 'weights', epoch: step > 0 ? epoch + 1 : epoch, weight: error.weight };
      }
      const { code, sentence } = toFailure(error);
      if (code !== 'storage') throw error;
      onEvent({ type: 'checkpointNotStored', sentence: `${sentence} ${whatStays(record)}` });
      return 'not stored';
    } finally {
      this.schedule.tried(telemetry.elapsedMs);
    }
    record.lastKept = { epoch, step };
    onEvent({ type: 'checkpointSaved' });
    return 'stored';
  }

  private stateAt(position: TrainingPosition, record: RunRecord, epochElapsedMs: number): CheckpointState {
    const { parts, device, telemetry, callbacks } = this.run;
    const { elapsedMs } = telemetry;
    const states = callbacks.map(({ name, state }) => [name, state?.()] as const);
    const lastKept = { epoch: position.epoch, step: position.step };
    return {
      schemaVersion: CHECKPOINT_SCHEMA_VERSION,
      position,
      optimizerStep: parts.optimizer.step,
      callbacks: Object.fromEntries(states.flatMap(([name, state]) => (state ? [[name, state]] : []))),
      recipe: parts.recipe,
      datasetFingerprint: record.dataset.id,
      trainingListHash: parts.trainingListHash,
      tileChoice: device.tileChoice(),
      elapsedMs,
      epochElapsedMs,
      record: { ...record, lastKept, timeMs: elapsedMs },
    };
  }

  private say(detail: string): void {
    this.run.onEvent({ type: 'phaseChanged', phase: 'saving', detail });
  }
}

function whatStays(record: RunRecord): string {
  const kept = lastKeptOf(record);
  if (!kept) return 'The run goes on. Nothing of it is kept yet: if it is cut off, it begins anew.';
  return `The run goes on. Its last checkpoint, ${placeWords(kept)}, stays.`;
}
