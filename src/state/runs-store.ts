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
  /** The ids of the runs that are going now, in any tab. */
  findGoing(): Promise<ReadonlySet<string>>;
  /** Resolves when a run has ended, by whatever cause. */
  untilEnded(runId: string): Promise<void>;
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
  /** The ids of the runs that are going in another tab. */
  elsewhere: ReadonlySet<string>;
  /** Stored records that this version cannot read; they are left as they are. */
  unreadable: UnreadableRun[];
  failure: string | null;
  scope: 'current' | 'all';
  sort: RunSort | null;

  /** Reads what is stored. A run stored as running that goes in no tab was cut off by a closed tab or a crash. */
  refresh(): Promise<void>;
  /** This page's worker begins this run. */
  claim(runId: string): void;
  /** Updates a run as it is going or as it ended. */
  put(record: RunRecord): void;
  /** A run that is no longer stored leaves the list. */
  forget(runId: string): void;
  remove(runId: string): Promise<void>;
  setScope(scope: RunsState['scope']): void;
  /** Sorts by a column; a second time turns the order round, a third goes back to newest first. */
  sortBy(column: RunColumn): void;
}

export function createRunsStore(api: Pick<StudioClient, 'deleteRun'>, source: RunSource): StoreApi<RunsState> {
  /** The runs of this page's worker. Of one that is going the page has a newer record than storage. */
  const own = new Set<string>();

  const followed = new Set<string>();

  /** Counts {@link RunsState.put}: what is put while the records are read may not be among them. */
  let puts = 0;

  return createStore<RunsState>((set, get) => {
    async function read() {
      for (;;) {
        const before = puts;
        // Asked before and after: a run may begin or end while the records are read.
        const goingBefore = await source.findGoing();
        const { records: stored, unreadable } = await source.list();
        const going = new Set([...goingBefore, ...(await source.findGoing())]);
        if (puts === before) return { stored, unreadable, going };
      }
    }

    async function follow(id: string) {
      if (followed.has(id)) return;
      followed.add(id);
      await source.untilEnded(id);
      followed.delete(id);
      await get().refresh();
    }

    return {
      records: [],
      loaded: false,
      elsewhere: new Set(),
      unreadable: [],
      failure: null,
      scope: 'current',
      sort: null,

      async refresh() {
        try {
          const { stored, unreadable, going } = await read();
          const seen = new Map(get().records.map((record) => [record.id, record]));
          const records = stored.map((record) => {
            if (record.status !== 'running') return record;
            const known = own.has(record.id) ? seen.get(record.id) : undefined;
            if (going.has(record.id)) return known ?? record;
            // How a run of this page ended may be what could not be stored.
            return known && known.status !== 'running' ? known : { ...record, status: 'interrupted' as const };
          });
          const elsewhere = new Set([...going].filter((id) => !own.has(id)));
          for (const id of elsewhere) void follow(id);
          set({ records: newestFirst(records), elsewhere, loaded: true, unreadable, failure: null });
        } catch (error) {
          set({ loaded: true, failure: toFailure(error).sentence });
        }
      },

      claim: (runId) => void own.add(runId),

      put(record) {
        puts += 1;
        const others = get().records.filter(({ id }) => id !== record.id);
        set({ records: newestFirst([record, ...others]) });
      },

      forget(runId) {
        puts += 1;
        const isOther = ({ id }: { id: string }) => id !== runId;
        const { records, unreadable } = get();
        set({ records: records.filter(isOther), unreadable: unreadable.filter(isOther) });
      },

      async remove(runId) {
        const outcome = await api.deleteRun(runId);
        if (outcome.ok) get().forget(runId);
        set({ failure: outcome.ok ? null : outcome.failure.sentence });
      },

      setScope: (scope) => set({ scope }),

      sortBy(column) {
        const { sort } = get();
        if (sort?.column !== column) set({ sort: { column, direction: 'ascending' } });
        else if (sort.direction === 'ascending') set({ sort: { column, direction: 'descending' } });
        else set({ sort: null });
      },
    };
  });
}

function newestFirst(records: RunRecord[]): RunRecord[] {
  return records.toSorted((a, b) => b.createdAt - a.createdAt);
}
