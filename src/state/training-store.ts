/**
 * @file The queue of runs: one after another, in the order of the networks, each shown as it goes.
 *
 * A run that fails leaves its sentence and the queue goes on. Stop ends the run that is going and clears the queue.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { createThrottle, SCREEN_INTERVAL_MS } from '../base/throttle';
import type { DatasetSummary } from '../domain/dataset';
import type { RunEvent } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { DatasetState } from './dataset-store';
import { type DraftState, draftRecipe } from './draft-store';
import { emptyLiveRun, foldRunEvent, type LiveRun } from './live-run';
import type { RunsState } from './runs-store';
import { refusalsOf } from './start-refusals';
import type { WeightsState } from './weights-store';
import type { StudioClient } from './worker-clients';

export interface QueueItem {
  runId: string;
  recipe: Recipe;
  state: 'waiting' | 'running' | 'finished' | 'stopped' | 'failed' | 'dropped';
  /** Why it failed. */
  sentence: string | null;
}

export interface Refusal {
  kind: 'busy' | 'invalid';
  sentences: string[];
}

export interface TrainingState {
  /** From accepting the queue until its last run has ended. */
  active: boolean;
  queue: QueueItem[];
  /** The run that is going, or the last one that went. */
  live: LiveRun | null;
  /** Waiting for the check of the images before the first run. */
  waitingForCheck: boolean;
  stopping: boolean;
  /** Why the last click on Train changed nothing. */
  refusal: Refusal | null;
  /** What the last Stop did, or why Pause, Resume or Stop did not work. */
  notice: string | null;

  /** Queues the selected networks; answers as soon as they are accepted or refused. */
  start(): Promise<Refusal | null>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface TrainingDependencies {
  api: Pick<StudioClient, 'startRun' | 'pauseRun' | 'resumeRun' | 'stopRun'>;
  draft: StoreApi<DraftState>;
  dataset: StoreApi<DatasetState>;
  weights: StoreApi<WeightsState>;
  runs: StoreApi<RunsState>;
  newRunId(): string;
}

export function createTrainingStore(dependencies: TrainingDependencies): StoreApi<TrainingState> {
  const { api, draft, dataset, weights, runs, newRunId } = dependencies;

  return createStore<TrainingState>((set, get, { subscribe }) => {
    function mark(runId: string, change: Partial<QueueItem>) {
      set({ queue: get().queue.map((item) => (item.runId === runId ? { ...item, ...change } : item)) });
    }

    let draining: Promise<void> = Promise.resolve();
    /** Resolves when the training that was accepted last is over. */
    let ended: Promise<void> = Promise.resolve();
    let nextIsWaiting = false;

    /** `checked` is the dataset that was open at the click: the whole queue trains on that one. */
    async function drain(checked: Promise<DatasetSummary | null>) {
      set({ waitingForCheck: true });
      const summary = await Promise.race([checked, stopAsked()]);
      set({ waitingForCheck: false });
      const recipes = get().queue.map(({ recipe }) => recipe);
      // The check may have left images out: what fitted before may not fit any more.
      const sentences = get().stopping ? [] : refusalsOf(recipes, summary, weights.getState().statuses);
      if (sentences.length > 0) {
        set({ active: false, queue: [], refusal: { kind: 'invalid', sentences } });
        return;
      }
      for (const { runId, recipe } of get().queue) {
        const waits = get().queue.some((item) => item.runId === runId && item.state === 'waiting');
        if (summary && waits) await train(runId, recipe, summary);
      }
      set({ active: false, stopping: false, refusal: null });
    }

    /** Resolves when Stop is asked for. */
    function stopAsked(): Promise<null> {
      return new Promise((resolve) => {
        const unsubscribe = subscribe((state) => {
          if (!state.stopping) return;
          unsubscribe();
          resolve(null);
        });
      });
    }

    async function train(runId: string, recipe: Recipe, summary: DatasetSummary) {
      mark(runId, { state: 'running' });
      let live = emptyLiveRun(runId);
      set({ live });
      let shown: RunRecord | null = null;

      const throttle = createThrottle(SCREEN_INTERVAL_MS, () => {
        set({ live });
        // Curves hang on the record: it changes once an epoch, not once a batch.
        if (live.record === shown || live.record?.status !== 'running') return;
        shown = live.record;
        runs.getState().put(live.record);
      });
      // Events and answer come over ports of their own: one that arrives after the answer says nothing new.
      let answered = false;
      const onEvent = (event: RunEvent) => {
        if (answered) return;
        live = foldRunEvent(live, event);
        throttle.request();
        if (event.type === 'runPaused' || event.type === 'runResumed') throttle.flush();
        // A stopped run is still tested; one more Stop gives that up.
        if (event.type === 'phaseChanged' && event.phase === 'testing') set({ stopping: false });
      };

      const outcome = await api.startRun({ runId, recipe, dataset: summary }, onEvent);
      answered = true;
      throttle.cancel();
      if (outcome.ok) {
        const record = outcome.value;
        live = { ...live, record, paused: false };
        runs.getState().put(record);
        const state = record.status === 'finished' || record.status === 'stopped' ? record.status : 'failed';
        mark(runId, { state, sentence: record.failure });
      } else {
        mark(runId, { state: 'failed', sentence: outcome.failure.sentence });
        live = { ...live, paused: false };
        if (live.record?.status === 'running') {
          live = { ...live, record: { ...live.record, status: 'failed', failure: outcome.failure.sentence } };
        }
        if (live.record) runs.getState().put(live.record);
      }
      set({ live });
    }

    async function ask(request: StudioClient['pauseRun']) {
      const outcome = await request();
      set({ notice: outcome.ok ? null : outcome.failure.sentence });
    }

    /** Takes the selected networks into the queue, or says why not. */
    async function accept(): Promise<Refusal | null> {
      // Taken before the first await, so that a second click meets a training that is active.
      set({ active: true, stopping: false, refusal: null, notice: null });
      const { selected } = draft.getState();
      const recipes = selected.map((network) => draftRecipe(draft.getState(), network));
      const checked = dataset.getState().settleCheck();
      await weights.getState().load();
      if (get().stopping) {
        set({ active: false, stopping: false });
        return null;
      }
      const sentences = refusalsOf(recipes, dataset.getState().summary, weights.getState().statuses);
      if (sentences.length > 0) {
        const refusal: Refusal = { kind: 'invalid', sentences };
        set({ active: false, refusal });
        return refusal;
      }
      set({
        live: null,
        queue: recipes.map((recipe) => ({ runId: newRunId(), recipe, state: 'waiting', sentence: null })),
      });
      draining = drain(checked);
      return null;
    }

    // What kept a training from starting may be mended by then.
    draft.subscribe(() => {
      if (get().refusal?.kind === 'invalid') set({ refusal: null });
    });

    return {
      active: false,
      queue: [],
      live: null,
      waitingForCheck: false,
      stopping: false,
      refusal: null,
      notice: null,

      async start() {
        if (get().stopping && !nextIsWaiting) {
          // The click is kept: the GPU may need a while for the batch that is under way.
          nextIsWaiting = true;
          set({ notice: 'The new training starts as soon as the one that is stopping has ended.' });
          await ended;
          nextIsWaiting = false;
          return get().start();
        }
        if (get().active) {
          const refusal: Refusal = {
            kind: 'busy',
            sentences: ['A training is already running; nothing was changed. Wait for it, or end it with Stop.'],
          };
          set({ refusal });
          return refusal;
        }
        const accepted = accept();
        ended = accepted.then(() => draining);
        return accepted;
      },

      pause: () => ask(api.pauseRun),
      resume: () => ask(api.resumeRun),

      async stop() {
        const { queue, stopping } = get();
        if (!get().active || stopping) return;
        const dropped = queue.filter((item) => item.state === 'waiting');
        const going = queue.find((item) => item.state === 'running');
        set({
          stopping: true,
          queue: queue.map((item) => (item.state === 'waiting' ? { ...item, state: 'dropped' } : item)),
          notice: stopNotice(going !== undefined, get().live?.record?.epochs.length ?? 0, dropped.length),
        });
        if (!going) return;
        const outcome = await api.stopRun();
        if (!outcome.ok) set({ stopping: false, notice: outcome.failure.sentence });
      },
    };
  });
}

/** The recipes of the runs that have not begun. */
export function waitingRecipes({ queue }: TrainingState): Recipe[] {
  return queue.filter(({ state }) => state === 'waiting').map(({ recipe }) => recipe);
}

function stopNotice(going: boolean, epochs: number, dropped: number): string {
  const kept =
    epochs > 0 ? `its ${epochs === 1 ? 'first epoch is' : `${epochs} epochs are`} kept` : 'it had no full epoch yet';
  const first = going ? `The run that was going ends here; ${kept}.` : 'The queue ends here.';
  if (dropped === 0) return first;
  return `${first} ${dropped === 1 ? 'One waiting network was' : `${dropped} waiting networks were`} taken off the queue.`;
}
