/** @file What the training screen says after a click on Train or Stop. */

import type { QueueView } from '../domain/queue';

/** The notice for a run that does not begin at once; null when it does, or when it follows the current run. */
export function addedNotice(
  { state, items, datasetIds }: QueueView,
  stopping: boolean,
  datasetId: string,
): string | null {
  if (stopping) return 'The queue goes on as soon as the run that is stopping has ended.';
  if (state === 'elsewhere') return 'Another tab is training. The queue goes on here when that has ended.';
  const isOpen = (id: string) => id === datasetId || datasetIds.includes(id);
  const ahead = items.filter(({ failure, dataset }) => failure === null && isOpen(dataset.id)).length;
  if (state !== 'held' || ahead === 0) return null;
  return `The queue goes on; ${ahead === 1 ? 'the run that was waiting comes' : `the ${ahead} runs that were waiting come`} first.`;
}

/** The notice after Stop. @param going a run was going @param waiting so many wait */
export function stopNotice(going: boolean, waiting: number): string {
  const first = going ? 'The run that was going ends here; the epochs it has finished are kept.' : 'The queue is held.';
  if (waiting === 0) return first;
  const [wait, them] = waiting === 1 ? ['One run still waits', 'it'] : [`${waiting} runs still wait`, 'them'];
  return `${first} ${wait} in the queue: ${going ? 'once it has ended, ' : ''}Continue queue goes on with ${them}.`;
}
