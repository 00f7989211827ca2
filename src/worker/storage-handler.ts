/** @file The studio worker's requests about what is stored: how much it is, and the removal of runs and their parts. */

import { StudioError } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import type { RunRecord } from '../domain/run';
import type { RunPart, StoredSizes } from '../domain/stored-sizes';
import { findRun, goneRun, type StudioStores } from './studio-stores';

export interface StorageNeeds {
  openStores: () => Promise<StudioStores>;
  /** Whether this worker trains that run now. */
  isGoing: (runId: string) => boolean;
  /** Frees the run's weights where they are loaded. */
  unload: (runId: string) => void;
}

/** Measures and deletes; a run that goes on, here or in another tab, is never touched. */
export class StorageHandler {
  constructor(private readonly needs: StorageNeeds) {}

  async measure(): Promise<StoredSizes> {
    return (await this.needs.openStores()).measure();
  }

  /** @throws {StudioError} busy while it goes on */
  deleteRun(runId: string): Promise<void> {
    return this.whileAtRest(runId, async ({ runs, checkpoints }) => {
      // The record first: a record without weights could not be explained; weights without a record only take space.
      await runs.delete(runId);
      await checkpoints.delete(runId);
      this.needs.unload(runId);
    });
  }

  /** @throws {StudioError} busy while the run goes on, not-found when it is not stored */
  deleteRunPart(runId: string, part: RunPart): Promise<RunRecord> {
    return this.whileAtRest(runId, async (stores) => {
      const { runs, checkpoints } = stores;
      const record = await findRun(stores, runId);
      switch (part) {
        case 'optimizerState':
          await checkpoints.keepWeightsOnly(runId);
          return record;
        case 'weights': {
          // Nobody holds its lock: one that is stored as running was cut off.
          const status = record.status === 'running' ? 'interrupted' : record.status;
          const without: RunRecord = { ...record, status, weightsDeleted: true };
          // The record first, so that it never speaks of weights that are not there.
          if (!(await runs.update(without))) throw goneRun();
          await checkpoints.delete(runId);
          this.needs.unload(runId);
          return without;
        }
        default:
          return part satisfies never;
      }
    });
  }

  private async whileAtRest<T>(runId: string, work: (stores: StudioStores) => Promise<T>): Promise<T> {
    if (this.needs.isGoing(runId)) throw new StudioError('busy', 'This run is going on. Stop it first.');
    const stores = await this.needs.openStores();
    const outcome = await stores.tabs.holdIfFree(runLock(runId), async () => ({ value: await work(stores) }));
    if (outcome) {
      stores.tabs.send('runsChanged');
      return outcome.value;
    }
    const isGoing = (await stores.tabs.heldLocks()).has(runLock(runId));
    const sentence = isGoing
      ? 'This run is going on in another tab. Stop it there first.'
      : 'This run is being copied into a backup. Delete it when that is done.';
    throw new StudioError('busy', sentence);
  }
}
