/**
 * @file Stores a run's record during the run. A record that cannot be stored does not end the run; the person is informed.
 *
 * A record that was deleted while its run went, past the locks, is not stored again: the run ends.
 */

import { StudioError, toFailure } from '../domain/failure';
import type { RunPredictions, RunRecord } from '../domain/run';
import type { RunStore } from '../storage/run-store';
import type { RunDevice } from './run-device';

const SECOND_TRY_MS = 1000;

/** Stores one run's record. */
export class RecordKeeper {
  /** The record was stored, and then deleted by someone else. */
  isDeleted = false;

  constructor(
    private readonly record: RunRecord,
    private readonly runs: Pick<RunStore, 'put' | 'update'>,
    private readonly device: RunDevice,
    /** Receives the sentence about a record that could not be stored. */
    private readonly onProblem: (sentence: string) => void,
  ) {}

  /** @throws {StudioError} storage; the run can then be started again. */
  async storeAtStart(): Promise<void> {
    this.measurePeak();
    await this.runs.put(this.record);
  }

  /** @throws {StudioError} deleted */
  async storeOnTheWay(): Promise<void> {
    const problem = await this.tryToStore();
    if (this.isDeleted) throw deletedError();
    if (!problem) return;
    this.onProblem(
      `${problem} The run goes on; its record is stored with the next checkpoint or epoch, if that can be done.`,
    );
  }

  /**
   * Stores the final record; tries twice.
   * @returns whether the record is stored.
   * @throws {StudioError} deleted
   */
  async storeAtEnd(predictions: RunPredictions): Promise<boolean> {
    let problem = await this.tryToStore(predictions);
    if (problem) {
      await new Promise((resolve) => setTimeout(resolve, SECOND_TRY_MS));
      problem = await this.tryToStore(predictions);
    }
    if (this.isDeleted) throw deletedError();
    if (!problem) return true;
    this.onProblem(
      `${problem} How the run ended is shown only until this page is closed or reloaded; the checkpoints that could be stored stay.`,
    );
    return false;
  }

  /** @returns why the record could not be stored; null when it was. */
  private async tryToStore(predictions?: RunPredictions): Promise<string | null> {
    try {
      await this.store(predictions);
      return null;
    } catch (error) {
      return toFailure(error).sentence;
    }
  }

  private async store(predictions?: RunPredictions): Promise<void> {
    this.measurePeak();
    this.isDeleted = !(await this.runs.update(this.record, predictions));
  }

  private measurePeak(): void {
    const { record, device } = this;
    const { allocated } = device.measureMemory();
    if (allocated && device.refusal() === null) {
      record.peakGpuBytes = Math.max(record.peakGpuBytes ?? 0, allocated.peakBytes);
    }
  }
}

function deletedError(): StudioError {
  const sentence = 'This run was deleted while it was going, so it ends here, and nothing of it is kept.';
  return new StudioError('deleted', sentence);
}
