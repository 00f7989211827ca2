/** @file A queue item for tests; each states only the fields that matter to it. */

import { QUEUE_SCHEMA_VERSION, type QueueItem } from './queue';
import { notebookRecipe } from './recipe';

export function testQueueItem(id: string, change: Partial<QueueItem> = {}): QueueItem {
  return {
    schemaVersion: QUEUE_SCHEMA_VERSION,
    id,
    start: 'new',
    losses: 0,
    recipe: notebookRecipe('baseline'),
    dataset: { id: 'd', name: 'd', synthetic: false },
    group: null,
    position: 1,
    addedAt: 0,
    failure: null,
    ...change,
  };
}
