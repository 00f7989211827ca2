/**
 * @file The queue: runs that wait to be trained, as they are stored and shown.
 *
 * Items outlive versions of the program, so they arrive as `unknown` and go through {@link parseQueueItem}.
 */

import * as v from 'valibot';
import { RecipeSchema } from './recipe';
import { AncestorSchema, type RunRecord } from './run';

export const QUEUE_SCHEMA_VERSION = 1;

export const QueueItemSchema = v.object({
  schemaVersion: v.literal(QUEUE_SCHEMA_VERSION),
  /** Becomes the id of its run, or is that of the run that it continues. */
  id: v.string(),
  /** `checkpoint`: continues a stored run from its last checkpoint. Items of earlier versions are new. */
  start: v.optional(v.picklist(['new', 'checkpoint']), 'new'),
  /** How often in a row its run lost what it ran on without keeping a new checkpoint (recovery.ts). */
  losses: v.optional(v.number(), 0),
  recipe: RecipeSchema,
  /** Set where the run goes on from the weights of another one. */
  ancestor: v.optional(AncestorSchema),
  /** The dataset it was queued for; `id` is its fingerprint. */
  dataset: v.object({ id: v.string(), name: v.string(), synthetic: v.boolean() }),
  /** Runs queued together as repeats: over seeds, or over the folds of one split. */
  group: v.nullable(
    v.object({ id: v.string(), name: v.string(), seed: v.nullable(v.number()), fold: v.nullable(v.number()) }),
  ),
  /** Lowest first. Unique in a queue, not consecutive. */
  position: v.number(),
  /** Milliseconds since 1970. */
  addedAt: v.number(),
  /** Why it could not be started; such an item is skipped until the queue is continued. */
  failure: v.nullable(v.string()),
});

export type QueueItem = v.InferOutput<typeof QueueItemSchema>;

/** An item that is not in the queue yet; what is left out of it is as for a new run. */
export type NewQueueItem = Omit<QueueItem, 'schemaVersion' | 'position' | 'failure' | 'start' | 'losses'> &
  Partial<Pick<QueueItem, 'start' | 'losses'>>;

/**
 * Reads a stored item.
 * @throws {v.ValiError} when it is not an item of this version.
 */
export function parseQueueItem(value: unknown): QueueItem {
  return v.parse(QueueItemSchema, value);
}

/** The part of a dataset's summary, or of a run's record, that a queue item stores. */
export function queuedDataset({ id, name, synthetic }: QueueItem['dataset']): QueueItem['dataset'] {
  return { id, name, synthetic };
}

/** In the order in which they will be trained. */
export function orderQueue(items: readonly QueueItem[]): QueueItem[] {
  return items.toSorted((a, b) => a.position - b.position || a.addedAt - b.addedAt);
}

/**
 * Items as they are put into a queue, in their order: those that continue a run before all others, new ones at its end, or in
 * their place if they wait there already.
 */
export function addToQueue(queue: readonly QueueItem[], added: readonly NewQueueItem[]): QueueItem[] {
  const positions = queue.map(({ position }) => position);
  const isContinuing = ({ start }: NewQueueItem) => start === 'checkpoint';
  let first = Math.min(1, ...positions) - added.filter(isContinuing).length - 1;
  let last = Math.max(0, ...positions);
  const placeOf = (item: NewQueueItem) => {
    if (isContinuing(item)) return ++first;
    return queue.find(({ id }) => id === item.id)?.position ?? ++last;
  };
  return added.map((item) => ({
    ...item,
    start: item.start ?? 'new',
    losses: item.losses ?? 0,
    schemaVersion: QUEUE_SCHEMA_VERSION,
    position: placeOf(item),
    failure: null,
  }));
}

/** The item that continues a stored run. */
export function continuationOf({ id, recipe, dataset, ancestor }: RunRecord, addedAt: number): NewQueueItem {
  // One that was cut off before its first checkpoint begins with its ancestor's weights once more.
  const from = ancestor && { runId: ancestor.runId, weights: ancestor.weights };
  return { id, start: 'checkpoint', recipe, ancestor: from, dataset: queuedDataset(dataset), group: null, addedAt };
}

/**
 * Moves one item before another, or to the end.
 * @returns the items whose position has changed; none when `id` or `beforeId` is not in the queue.
 */
export function moveInQueue(queue: readonly QueueItem[], id: string, beforeId: string | null): QueueItem[] {
  const ordered = orderQueue(queue);
  const moved = ordered.find((item) => item.id === id);
  const others = ordered.filter((item) => item.id !== id);
  const at = beforeId === null ? others.length : others.findIndex((item) => item.id === beforeId);
  if (!moved || at < 0) return [];
  const positions = ordered.map(({ position }) => position);
  return others
    .toSpliced(at, 0, moved)
    .map((item, index) => ({ ...item, position: positions[index] }))
    .filter((item) => ordered.find(({ id }) => id === item.id)?.position !== item.position);
}

/**
 * `here`: this page's worker trains its way through the queue. `elsewhere`: another tab's does. `held`: nobody does, until
 * the person continues it.
 */
export type QueueState = 'here' | 'elsewhere' | 'held';

/** The queue as a page shows it. */
export interface QueueView {
  state: QueueState;
  /** The waiting items in order, without the current run. */
  items: QueueItem[];
  /** Stored items that this version cannot read; they are left as they are. */
  unreadable: number;
  /** The datasets that this page's worker can train on. */
  datasetIds: string[];
}
