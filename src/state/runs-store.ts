/**
 * @file All runs: the stored ones and the one that is going, and how the comparison screen lists them.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { toFailure } from '../domain/failure';
import type { RunRecord } from '../domain/run';
import type { UnreadableRun } from '../domain/stored-run';
import type { StudioClient } from './worker-clients';

/** Where runs are stored. */
export interface RunSource {
  list(): Promise<{ records: RunRecord[]; unreadable: UnreadableRun[] }>;
}

export type RunColumn =
  | 'network'
  | 'testAccuracy'
  | 'bestWeights'
  | 'time'
  | 'parameters'
  | 'bestEpoch'
  | 'notebook'
  | 'status'
  | 'dataset';

export interface RunSort {
  column: RunColumn;
  direction: 'ascending' | 'descending';
}

export interface RunsState {
  /** Newest first. */
  records: RunRecord[];
  loaded: boolean;
  /** Stored records that this version cannot read; they are left as they are. */
  unreadable: UnreadableRun[];
  failure: string | null;
  scope: 'current' | 'all';
  sort: RunSort | null;

  refresh(): Promise<void>;
  /** Takes in a run as it goes or as it ended. */
  put(record: RunRecord): void;
  remove(runId: string): Promise<void>;
  setScope(scope: RunsState['scope']): void;
  /** Sorts by a column; a second time turns the order round, a third goes back to newest first. */
  sortBy(column: RunColumn): void;
}

export function createRunsStore(api: Pick<StudioClient, 'deleteRun'>, source: RunSource): StoreApi<RunsState> {
  return createStore<RunsState>((set, get) => ({
    records: [],
    loaded: false,
    unreadable: [],
    failure: null,
    scope: 'current',
    sort: null,

    async refresh() {
      try {
        const { records: stored, unreadable } = await source.list();
        // What this page has seen of a run that is going is ahead of what is stored.
        const going = get().records.filter((record) => record.status === 'running');
        const goingIds = new Set(going.map(({ id }) => id));
        const others = stored.filter(({ id }) => !goingIds.has(id)).map(asInterrupted);
        set({ records: newestFirst([...going, ...others]), loaded: true, unreadable, failure: null });
      } catch (error) {
        set({ loaded: true, failure: toFailure(error).sentence });
      }
    },

    put(record) {
      const others = get().records.filter(({ id }) => id !== record.id);
      set({ records: newestFirst([record, ...others]) });
    },

    async remove(runId) {
      const outcome = await api.deleteRun(runId);
      const isOther = ({ id }: { id: string }) => id !== runId;
      const { records, unreadable } = get();
      if (outcome.ok) set({ records: records.filter(isOther), unreadable: unreadable.filter(isOther), failure: null });
      else set({ failure: outcome.failure.sentence });
    },

    setScope: (scope) => set({ scope }),

    sortBy(column) {
      const { sort } = get();
      if (sort?.column !== column) set({ sort: { column, direction: 'ascending' } });
      else if (sort.direction === 'ascending') set({ sort: { column, direction: 'descending' } });
      else set({ sort: null });
    },
  }));
}

/** A run stored as running that this page does not know was cut off by a closed tab or a crash. */
function asInterrupted(record: RunRecord): RunRecord {
  return record.status === 'running' ? { ...record, status: 'interrupted' } : record;
}

function newestFirst(records: RunRecord[]): RunRecord[] {
  return records.toSorted((a, b) => b.createdAt - a.createdAt);
}
