/**
 * @file The training screen's state: a mirror of the worker's queue and of its current run, and the requests to both.
 *
 * Train stores the selected networks at the end of the queue, also while a run is going. Stop ends the current run and holds
 * the queue: its items wait, over a reload too, until Continue queue or Train. When the worker dies, the one in its place goes on
 * with the run and the queue; domain/recovery.ts says how often.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DatasetSummary } from '../domain/dataset';
import type { QueueEvent } from '../domain/protocol';
import { continuationOf, type NewQueueItem, type QueueView, queuedDataset } from '../domain/queue';
import { canContinue, countLosses, heldSentence, MAX_LOSSES } from '../domain/recovery';
import type { RunRecord, WeightsKind } from '../domain/run';
import { type FurtherFields, furtherRecipe } from '../domain/train-further';
import type { DatasetState } from './dataset-store';
import { type DraftState, draftRecipe } from './draft-store';
import { createFollower } from './follow-run';
import type { LiveRun } from './live-run';
import type { RunsState } from './runs-store';
import { furtherRefusals, refusalsOf } from './start-refusals';
import { addedNotice, stopNotice } from './training-words';
import type { WeightsState } from './weights-store';
import type { StudioClient } from './worker-clients';

export interface TrainingState {
  /** True from a click on Train until this page's worker has nothing more to train. */
  active: boolean;
  queue: QueueView;
  /** The run that is going here, or the last one that went. */
  live: LiveRun | null;
  /** Waiting for the check of the images. */
  waitingForCheck: boolean;
  stopping: boolean;
  /** Why the last click on Train changed nothing. */
  refusal: string[] | null;
  /** The sentences of the runs that failed since the last click on Train. */
  failures: { runId: string; sentence: string }[];
  /** What the last click on a button of the queue did, or why it did not work; also that a run goes on by itself. */
  notice: string | null;
  /** The run whose dataset is being opened, to be continued. */
  continuing: string | null;
  /** Why the last click on Continue run changed nothing. */
  notContinued: { runId: string; sentence: string } | null;

  /** Follows the worker; called when it starts. */
  watch(): Promise<void>;
  /** Follows the new worker after the old one died, and has it go on with the run and the queue of that one. */
  workerRestarted(): Promise<void>;
  /** None takes the place of a worker that died: nothing trains any more. */
  workerGone(): Promise<void>;
  /** Queues the selected networks. Resolves as soon as that is known: with the sentences of a refusal, or null. */
  start(): Promise<string[] | null>;
  /**
   * Continues a run that was cut off or failed: its dataset is opened again, and it comes before all that waits. Must follow
   * a click.
   * @returns whether it is in the queue; `notContinued` says why not
   */
  continueRun(runId: string): Promise<boolean>;
  /**
   * Queues a run that goes on, on the dataset that is open, from the weights of a stored one. Resolves as soon as that is known:
   * with the sentences of a refusal, or null.
   */
  trainFurther(record: RunRecord, weights: WeightsKind, fields: FurtherFields): Promise<string[] | null>;
  /** Goes on with what waits for the dataset that is open, and tries once more what could not be started. */
  continueQueue(): Promise<void>;
  /** `toPosition` counts from 0. */
  moveItem(id: string, toPosition: number): Promise<void>;
  removeItem(id: string): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface TrainingDependencies {
  api: Pick<
    StudioClient,
    | 'watchRuns'
    | 'enqueueRuns'
    | 'moveQueueItem'
    | 'removeQueueItem'
    | 'startQueue'
    | 'pauseRun'
    | 'resumeRun'
    | 'stopRun'
  >;
  draft: StoreApi<DraftState>;
  dataset: StoreApi<DatasetState>;
  weights: StoreApi<WeightsState>;
  runs: StoreApi<RunsState>;
  newRunId(): string;
}

export function createTrainingStore(dependencies: TrainingDependencies): StoreApi<TrainingState> {
  const { api, draft, dataset, weights, runs, newRunId } = dependencies;

  return createStore<TrainingState>((set, get) => {
    /** Requests that the worker has not replied to yet. */
    let asking = 0;
    let accepting: Promise<string[] | null> | null = null;
    /** Counts Stop: a training requested before a Stop does not start after it. */
    let stops = 0;
    let stopAsked = deferredStop();
    /** The datasets that the worker trains on, by id: one that takes its place has to be told. */
    const started = new Map<string, DatasetSummary>();
    /** A run that was paused when its worker died: it is paused again when it goes on. */
    let pausedRun: string | null = null;

    function update(change: Partial<TrainingState>) {
      const { queue, live } = { ...get(), ...change };
      set({ ...change, active: asking > 0 || queue.state === 'here' || (live !== null && !live.over) });
    }

    async function whileAsking<T>(work: () => Promise<T>): Promise<T> {
      asking += 1;
      update({});
      try {
        return await work();
      } finally {
        asking -= 1;
        update({});
      }
    }

    const follow = createFollower(runs, (live) => update({ live }));

    function onEvent(event: QueueEvent) {
      switch (event.type) {
        case 'queueChanged': {
          const before = get().queue.state;
          // What was said while another tab trained holds no longer.
          const isOver = before === 'elsewhere' && event.queue.state !== 'elsewhere';
          update(isOver ? { queue: event.queue, notice: null } : { queue: event.queue });
          // Another tab's run has begun or ended.
          if (before === 'elsewhere' || event.queue.state === 'elsewhere') void runs.getState().refresh();
          return;
        }
        case 'runTaken':
          follow.begin(event.item);
          return;
        case 'runProgressed':
          follow.progress(event.runId, event.event);
          if (event.event.type === 'runStarted' && event.runId === pausedRun) {
            pausedRun = null;
            void get().pause();
          }
          // A stopped run is still tested; one more Stop gives that up.
          if (event.event.type === 'phaseChanged' && event.event.phase === 'testing') update({ stopping: false });
          return;
        case 'runClosed': {
          const sentence = follow.close(event);
          const { runId, continues } = event;
          if (continues)
            update({ notice: `${sentence ?? ''} The run goes on from its last checkpoint.`.trim(), stopping: false });
          else {
            const others = get().failures.filter((failure) => failure.runId !== runId);
            const failures = sentence ? [...others, { runId, sentence }] : get().failures;
            update({ failures, stopping: false });
          }
          return;
        }
        case 'runsChanged':
          void runs.getState().refresh();
          return;
        case 'queueFailed':
          update({ notice: event.sentence });
          return;
        default:
          event satisfies never;
      }
    }

    async function ask(request: () => ReturnType<StudioClient['pauseRun']>) {
      const outcome = await request();
      update({ notice: outcome.ok ? null : outcome.failure.sentence });
    }

    /** `checked` is the dataset that was open at the click, once its images are checked: the queue trains on that one. */
    async function begin(checked: Promise<DatasetSummary | null>, retry: boolean, stopsBefore: number) {
      await whileAsking(async () => {
        update({ waitingForCheck: true });
        const summary = await Promise.race([checked, stopAsked.promise]);
        update({ waitingForCheck: false });
        if (stops !== stopsBefore) return;
        if (!summary) {
          update({ notice: 'The images could not be checked, so the queue waits. Open the dataset again.' });
          return;
        }
        const outcome = await api.startQueue(summary, retry);
        if (outcome.ok) started.set(summary.id, summary);
        else update({ notice: outcome.failure.sentence });
      });
    }

    /** Stores the selected networks in the queue, or says why not. */
    async function accept(): Promise<string[] | null> {
      const stopsBefore = stops;
      update({ refusal: null, notice: null, failures: [] });
      const { selected } = draft.getState();
      const recipes = selected.map((network) => draftRecipe(draft.getState(), network));
      const { summary, settleCheck } = dataset.getState();
      const checked = settleCheck();
      await weights.getState().load();
      const sentences = refusalsOf(recipes, summary, weights.getState().statuses);
      if (!summary || sentences.length > 0) {
        update({ refusal: sentences });
        return sentences;
      }
      const refusal = await enqueue(
        recipes.map((recipe) => ({ recipe })),
        summary,
        checked,
        stopsBefore,
      );
      if (refusal) update({ refusal });
      return refusal;
    }

    /** Stores runs in the queue and begins it; the sentences of a refusal, or null. */
    async function enqueue(
      wanted: Pick<NewQueueItem, 'recipe' | 'ancestor'>[],
      summary: DatasetSummary,
      checked: Promise<DatasetSummary | null>,
      stopsBefore: number,
    ): Promise<string[] | null> {
      const { queue, stopping } = get();
      const items = wanted.map((one) => ({
        ...one,
        id: newRunId(),
        dataset: queuedDataset(summary),
        group: null,
        addedAt: Date.now(),
      }));
      const outcome = await api.enqueueRuns(items);
      if (!outcome.ok) return [outcome.failure.sentence];
      update({ notice: addedNotice(queue, stopping, summary.id) });
      void begin(checked, false, stopsBefore);
      return null;
    }

    /** Puts a run before all that waits. @returns why it cannot be continued, or null */
    async function takeUp(record: RunRecord, stopsBefore: number): Promise<string | null> {
      const problem = await dataset.getState().openAgain(record.dataset);
      if (problem) return problem;
      const checked = dataset.getState().settleCheck();
      const outcome = await api.enqueueRuns([continuationOf(record, Date.now())]);
      if (!outcome.ok) return outcome.failure.sentence;
      const { live } = get();
      if (live && !live.over) update({ notice: 'The run goes on as soon as the one that is going has ended.' });
      void begin(checked, false, stopsBefore);
      return null;
    }

    /** @returns the run that the worker was at when it died */
    function loseWorker(): LiveRun | null {
      const going = follow.abandon();
      update({ queue: { ...get().queue, state: 'held', datasetIds: [] }, stopping: false });
      return going;
    }

    /** Goes on, in a new worker, with what the one that died was at. @param going its run */
    async function goOn(going: LiveRun | null) {
      if (going) {
        const { item, hasSaved, paused } = going;
        const losses = countLosses(item.losses, hasSaved);
        if (losses >= MAX_LOSSES) {
          const sentence = heldSentence('The part of Thorax that trains stopped working', item.recipe);
          update({ failures: [...get().failures, { runId: item.id, sentence }] });
          return;
        }
        const record = runs.getState().records.find(({ id }) => id === item.id);
        // Without a record the item has never left the queue.
        const again = record ? continuationOf(record, item.addedAt) : item;
        const outcome = await api.enqueueRuns([{ ...again, losses }]);
        if (!outcome.ok) {
          update({ notice: outcome.failure.sentence });
          return;
        }
        pausedRun = paused ? item.id : null;
      }
      for (const summary of started.values()) {
        const outcome = await api.startQueue(summary, false);
        if (!outcome.ok) update({ notice: outcome.failure.sentence });
      }
    }

    async function acceptFurther(
      record: RunRecord,
      weights: WeightsKind,
      fields: FurtherFields,
    ): Promise<string[] | null> {
      const { summary, settleCheck } = dataset.getState();
      const recipe = furtherRecipe(record, fields);
      const sentences = furtherRefusals(record, weights, recipe, summary);
      if (!summary || sentences.length > 0) return sentences;
      update({ refusal: null, notice: null, failures: [] });
      return enqueue([{ recipe, ancestor: { runId: record.id, weights } }], summary, settleCheck(), stops);
    }

    // What kept a training from starting may be mended by then.
    draft.subscribe(() => {
      if (get().refusal) update({ refusal: null });
    });

    return {
      active: false,
      queue: { state: 'held', items: [], unreadable: 0, datasetIds: [] },
      live: null,
      waitingForCheck: false,
      stopping: false,
      refusal: null,
      failures: [],
      notice: null,
      continuing: null,
      notContinued: null,

      async watch() {
        const outcome = await api.watchRuns(onEvent);
        if (!outcome.ok) update({ notice: outcome.failure.sentence });
      },

      async workerRestarted() {
        const { queue, stopping } = get();
        const going = loseWorker();
        await get().watch();
        // The run that was going is interrupted now.
        await runs.getState().refresh();
        if (queue.state === 'here' && !stopping) await whileAsking(() => goOn(going));
      },

      async workerGone() {
        loseWorker();
        await runs.getState().refresh();
      },

      start() {
        // Two clicks at once are one.
        accepting ??= whileAsking(accept).finally(() => {
          accepting = null;
        });
        return accepting;
      },

      async continueRun(runId) {
        const record = runs.getState().records.find(({ id }) => id === runId);
        if (!record || !canContinue(record) || get().continuing) return false;
        const failures = get().failures.filter((failure) => failure.runId !== runId);
        update({ continuing: runId, notContinued: null, refusal: null, notice: null, failures });
        const sentence = await whileAsking(() => takeUp(record, stops));
        update({ continuing: null, notContinued: sentence === null ? null : { runId, sentence } });
        return sentence === null;
      },
      trainFurther: (record, weights, fields) => whileAsking(() => acceptFurther(record, weights, fields)),

      async continueQueue() {
        update({ notice: null, failures: [] });
        await begin(dataset.getState().settleCheck(), true, stops);
      },

      moveItem: (id, toPosition) => ask(() => api.moveQueueItem(id, toPosition)),
      removeItem: (id) => ask(() => api.removeQueueItem(id)),
      pause: () => ask(api.pauseRun),
      resume: () => ask(api.resumeRun),

      async stop() {
        const { active, stopping, live, queue } = get();
        if (!active || stopping) return;
        stops += 1;
        stopAsked.stop();
        stopAsked = deferredStop();
        const going = live && !live.over ? live : null;
        update({ stopping: going !== null, notice: stopNotice(going !== null, queue.items.length) });
        const outcome = await api.stopRun();
        if (!outcome.ok) update({ stopping: false, notice: outcome.failure.sentence });
      },
    };
  });
}

/** A promise that resolves, with null, when `stop` is called. */
function deferredStop(): { promise: Promise<null>; stop: () => void } {
  let stop = () => {};
  const promise = new Promise<null>((resolve) => {
    stop = () => resolve(null);
  });
  return { promise, stop };
}
