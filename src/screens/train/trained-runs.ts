/** @file Which runs and which dataset the training screen shows: those of the training while there is one. */

import type { QueueItem } from '../../domain/queue';
import type { RunRecord } from '../../domain/run';
import type { LiveRun } from '../../state/live-run';

/** As much of the training as this needs. */
interface TrainingOnScreen {
  active: boolean;
  live: Pick<LiveRun, 'item'> | null;
  waiting: readonly QueueItem[];
}

/** The dataset that is trained on; null when nothing trains. Another one may have been opened meanwhile. */
export function trainedDataset({ active, live, waiting }: TrainingOnScreen): QueueItem['dataset'] | null {
  if (!active) return null;
  return live?.item.dataset ?? waiting[0]?.dataset ?? null;
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
  const liveItem = training.live?.item ?? null;
  const datasetId = trainedDataset(training)?.id ?? openDatasetId ?? liveItem?.dataset.id;
  return records.filter(({ id, dataset }) => dataset.id === datasetId || id === liveItem?.id);
}
