/** @file Which runs and which dataset the training screen shows: those of the training while there is one. */

import type { RunRecord } from '../../domain/run';
import type { LiveRun } from '../../state/live-run';
import type { QueueItem } from '../../state/training-store';

/** As much of the training as this needs. */
interface TrainingOnScreen {
  active: boolean;
  queue: readonly Pick<QueueItem, 'runId'>[];
  live: Pick<LiveRun, 'record'> | null;
}

/**
 * The dataset the queue trains on; null when nothing trains or its first run is not built yet. Another one may have
 * been opened meanwhile.
 */
export function trainedDataset(
  { active, queue, live }: TrainingOnScreen,
  records: readonly RunRecord[],
): RunRecord['dataset'] | null {
  if (!active) return null;
  const ids = new Set(queue.map(({ runId }) => runId));
  // Between two runs there is no live record; the whole queue trains on one dataset.
  return live?.record?.dataset ?? records.find(({ id }) => ids.has(id))?.dataset ?? null;
}

/**
 * The runs to draw, newest first: on the dataset that is trained on, or else on the open one; always the run that is
 * going or went last.
 */
export function drawnRuns(
  training: TrainingOnScreen,
  records: readonly RunRecord[],
  openDatasetId: string | null,
): RunRecord[] {
  const liveRecord = training.live?.record ?? null;
  const datasetId = trainedDataset(training, records)?.id ?? openDatasetId ?? liveRecord?.dataset.id;
  return records.filter(({ id, dataset }) => dataset.id === datasetId || id === liveRecord?.id);
}
