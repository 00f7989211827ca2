/**
 * @file The dataset that is open: opening, checking in the background, the image picked for the preview.
 *
 * A folder that fails to open leaves everything as it was, apart from the sentence. A check that did not come to its end
 * blocks training, as a problem of the dataset, until it has been done again.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { createThrottle, SCREEN_INTERVAL_MS } from '../base/throttle';
import type { DatasetImage, DatasetProblem, DatasetProgress, DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import type { DatasetSource } from '../domain/protocol';
import type { RunRecord } from '../domain/run';
import type { RememberedFolder } from '../storage/folder-store';
import { estimateTimeLeftMs } from './time-left';
import type { DatasetClient } from './worker-clients';

/** Progress of long work on files, for a progress bar. */
export interface FileWork extends DatasetProgress {
  timeLeftMs: number | null;
}

/** Where the folders of earlier visits are kept. Each may reject; then there is simply nothing to reopen. */
export interface FolderMemory {
  remember(folder: RememberedFolder, datasetId: string): Promise<void>;
  /** The last one. */
  recall(): Promise<RememberedFolder | null>;
  recallOf(dataset: RunRecord['dataset']): Promise<RememberedFolder | null>;
}

export interface DatasetState {
  summary: DatasetSummary | null;
  /** A folder is being drawn or listed. */
  opening: FileWork | null;
  /** The open dataset is being checked, image by image. */
  checking: FileWork | null;
  /** Problems the running check has found so far; they are part of the summary when it is over. */
  found: DatasetProblem[];
  /** Why the open dataset could not be checked to the end; null when it was, or is being checked. */
  checkFailure: string | null;
  /** Why the last folder could not be opened. */
  failure: string | null;
  /** The first training images of every class, as far as they can be used. */
  samples: DatasetImage[];
  /** The image shown by the augmentation preview; one of {@link DatasetState.samples}. */
  selectedPath: string | null;
  /** The folder of the last visit, until something is opened. */
  remembered: RememberedFolder | null;

  /** Opens a folder. Ends an opening that is still going; so does the sample. */
  openSource(source: DatasetSource): Promise<void>;
  openSample(): Promise<void>;
  /** Ends the opening that goes on; what was open stays. */
  cancelOpening(): Promise<void>;
  /** Ends the check that goes on. */
  cancelCheck(): Promise<void>;
  /** Goes on with a check that did not come to its end. */
  checkAgain(): void;
  /** Looks for the folder of the last visit. */
  recallFolder(): Promise<void>;
  /** Opens it again; the browser may ask the person, so this must follow a click. */
  reopenRemembered(): Promise<void>;
  /**
   * Opens the dataset of a run again, unless it is open; the browser may ask the person, so this must follow a click.
   * @returns why it is not open now, and what to do; null when it is
   */
  openAgain(dataset: RunRecord['dataset']): Promise<string | null>;
  /** A new worker has no dataset open: the folder of the last visit is offered again. */
  workerRestarted(): Promise<void>;
  /** Shows why something that was dropped cannot be opened. */
  reportFailure(sentence: string): void;
  selectImage(path: string): void;
  /** Resolves with the dataset that is open now, once its check is over; null when none is open. */
  settleCheck(): Promise<DatasetSummary | null>;
}

/** Not yet in TypeScript's DOM library. */
interface PermissionHandle {
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>;
}

/** Training images of a class that are shown. */
const SAMPLES_PER_CLASS = 8;

/** The check of the dataset that is open. */
interface Check {
  /** The summary before it. */
  unchecked: DatasetSummary;
  /** The summary after it. */
  outcome: Promise<DatasetSummary>;
  running: boolean;
  /** A training waits for the outcome, whatever is opened meanwhile. */
  awaited: boolean;
}

/** @param sentence Why the check ended early. */
function uncheckedProblem({ name }: DatasetSummary, sentence: string): DatasetProblem {
  const reason = `has not been checked to the end. ${sentence} Click "Check again" on the Dataset screen; training can start after that.`;
  return { path: name, reason, severity: 'blocking' };
}

export function createDatasetStore(
  api: Pick<
    DatasetClient,
    'openDataset' | 'openSample' | 'cancelOpening' | 'checkDataset' | 'cancelCheck' | 'listImages'
  >,
  memory: FolderMemory,
): StoreApi<DatasetState> {
  let check: Check | null = null;
  /** Number of the newest opening; older ones show nothing any more. */
  let latest = 0;

  return createStore<DatasetState>((set, get) => {
    /** Runs `work`; the summary of what was opened, null when nothing was. */
    async function open(
      work: (onProgress: (progress: DatasetProgress) => void) => Promise<Reply<DatasetSummary>>,
    ): Promise<DatasetSummary | null> {
      latest += 1;
      const ticket = latest;
      set({ opening: { phase: 'listing', done: 0, total: null, timeLeftMs: null }, failure: null });
      const progress = followProgress((opening) => set({ opening }));
      const outcome = await work(progress.report);
      const samples = outcome.ok ? await listSamples(outcome.value.id) : [];
      progress.close();
      if (ticket !== latest) return null;
      if (!outcome.ok) {
        const { code, sentence } = outcome.failure;
        set({ opening: null, failure: code === 'cancelled' ? null : sentence });
        return null;
      }
      const summary = outcome.value;
      if (check?.running && !check.awaited) void api.cancelCheck(check.unchecked.id);
      set({
        summary,
        samples,
        selectedPath: samples[0]?.path ?? null,
        opening: null,
        remembered: null,
      });
      startCheck(summary);
      return summary;
    }

    function startCheck(unchecked: DatasetSummary) {
      set({ checking: null, checkFailure: null, found: [] });
      const started: Check = { unchecked, outcome: checkImages(unchecked), running: true, awaited: false };
      check = started;
      void started.outcome.then(() => {
        started.running = false;
      });
    }

    /** @returns the summary as the check left it, whatever is on screen by then. */
    async function checkImages(summary: DatasetSummary): Promise<DatasetSummary> {
      const isCurrent = () => get().summary === summary;
      const progress = followProgress((checking) => {
        if (isCurrent()) set({ checking });
      });
      const outcome = await api.checkDataset(summary.id, ({ found, ...rest }) => {
        if (!isCurrent()) return;
        if (found.length > 0) set({ found: [...get().found, ...found] });
        progress.report(rest);
      });
      progress.close();
      if (!outcome.ok) {
        const { sentence } = outcome.failure;
        const blocked = { ...summary, problems: [uncheckedProblem(summary, sentence), ...summary.problems] };
        if (isCurrent()) set({ summary: blocked, checking: null, checkFailure: sentence });
        return blocked;
      }
      const checked = outcome.value;
      if (!isCurrent()) return checked;
      const samples = await listSamples(checked.id);
      if (!isCurrent()) return checked;
      const kept = samples.some((image) => image.path === get().selectedPath);
      set({
        summary: checked,
        samples,
        selectedPath: kept ? get().selectedPath : (samples[0]?.path ?? null),
        checking: null,
        found: [],
      });
      return checked;
    }

    /** Empty when they cannot be listed; the screen that needs the images shows why. */
    async function listSamples(datasetId: string): Promise<DatasetImage[]> {
      const outcome = await api.listImages(datasetId, { split: 'train', perClass: SAMPLES_PER_CLASS });
      return outcome.ok ? outcome.value : [];
    }

    return {
      summary: null,
      opening: null,
      checking: null,
      found: [],
      checkFailure: null,
      failure: null,
      samples: [],
      selectedPath: null,
      remembered: null,

      async openSource(source) {
        const opened = await open((onProgress) => api.openDataset(source, onProgress));
        if (opened && source.kind === 'directories') {
          const { name, handles } = source;
          await memory.remember({ name, handles }, opened.id).catch(() => undefined);
        }
      },

      async openSample() {
        await open((onProgress) => api.openSample(onProgress));
      },

      async cancelOpening() {
        await api.cancelOpening();
      },

      async cancelCheck() {
        if (check) await api.cancelCheck(check.unchecked.id);
      },

      checkAgain() {
        if (!check || get().checkFailure === null) return;
        const { unchecked } = check;
        set({ summary: unchecked });
        startCheck(unchecked);
      },

      async recallFolder() {
        const remembered = await memory.recall().catch(() => null);
        if (remembered && !get().summary) set({ remembered });
      },

      async reopenRemembered() {
        const { remembered } = get();
        if (!remembered) return;
        const { name, handles } = remembered;
        const refused = await findUnreadable(handles);
        if (refused) set({ failure: `The browser did not allow reading ${refused.name}. Drop the folder again.` });
        else await get().openSource({ kind: 'directories', name, handles });
      },

      async openAgain(wanted) {
        const { summary: before } = get();
        if (before?.id === wanted.id) return null;
        const byHand = `Open the folder ${wanted.name} on the Dataset screen, then click Continue run again.`;
        if (wanted.synthetic) await get().openSample();
        else {
          const folder = await memory.recallOf(wanted).catch(() => null);
          if (!folder) return `This run was trained on ${wanted.name}, which is not open. ${byHand}`;
          const refused = await findUnreadable(folder.handles);
          if (refused) return `The browser did not allow reading ${refused.name}. ${byHand}`;
          await get().openSource({ kind: 'directories', ...folder });
        }
        const { summary, failure } = get();
        if (summary?.id === wanted.id) return null;
        if (failure !== null) return `${failure} ${byHand}`;
        if (summary === before) return `${wanted.name} was not opened. Click Continue run to try again.`;
        return `${wanted.name} is not as it was when this run was trained: images, classes or splits have changed. Open it as it was then on the Dataset screen, then click Continue run again.`;
      },

      async workerRestarted() {
        check = null;
        set({
          summary: null,
          opening: null,
          checking: null,
          found: [],
          checkFailure: null,
          samples: [],
          selectedPath: null,
        });
        await get().recallFolder();
      },

      reportFailure(sentence) {
        set({ failure: sentence });
      },

      selectImage(path) {
        set({ selectedPath: path });
      },

      async settleCheck() {
        if (!check) return null;
        check.awaited = true;
        return check.outcome;
      },
    };
  });
}

/** The first of these that may not be read, after asking for permission. */
async function findUnreadable(handles: FileSystemDirectoryHandle[]): Promise<FileSystemDirectoryHandle | null> {
  for (const handle of handles) if (!(await isReadable(handle))) return handle;
  return null;
}

/** Asks for permission where the browser wants that; false where the browser refuses to ask. */
async function isReadable(handle: FileSystemDirectoryHandle & PermissionHandle): Promise<boolean> {
  if (!handle.requestPermission) return true;
  const answer = await handle.requestPermission({ mode: 'read' }).catch((): PermissionState => 'denied');
  return answer === 'granted';
}

/**
 * Adds the time left to a stream of progress and slows it to what a screen needs. Progress and reply come over ports of their
 * own, so a report may arrive after the reply: once closed, nothing more is shown.
 */
function followProgress(show: (work: FileWork) => void) {
  let startedMs = performance.now();
  let latest: DatasetProgress | null = null;
  let closed = false;
  const throttle = createThrottle(SCREEN_INTERVAL_MS, () => {
    if (!latest) return;
    const timeLeftMs = estimateTimeLeftMs(performance.now() - startedMs, latest.done, latest.total);
    show({ ...latest, timeLeftMs });
  });
  return {
    report(progress: DatasetProgress) {
      if (closed) return;
      if (progress.phase !== latest?.phase) startedMs = performance.now();
      latest = progress;
      throttle.request();
    },
    close() {
      closed = true;
      throttle.cancel();
    },
  };
}
