import { expect, it } from 'vitest';
import { addToQueue, continuationOf, moveInQueue, orderQueue, parseQueueItem, type QueueItem } from './queue';
import { testQueueItem } from './queue-test-kit';
import { testRecord } from './run-test-kit';

const queue = [
  testQueueItem('c', { position: 7 }),
  testQueueItem('a', { position: 2 }),
  testQueueItem('b', { position: 4 }),
];
const ids = (items: QueueItem[]) => items.map(({ id }) => id);

/** The whole queue after the changed items were put. */
function after(changed: QueueItem[]): string[] {
  const byId = new Map([...queue, ...changed].map((item) => [item.id, item]));
  return ids(orderQueue([...byId.values()]));
}

it('appends behind the last, in the order of the click', () => {
  const added = addToQueue(queue, [testQueueItem('x'), testQueueItem('y', { failure: 'An old sentence.' })]);
  expect(added.map(({ id, position, failure }) => [id, position, failure])).toEqual([
    ['x', 8, null],
    ['y', 9, null],
  ]);
  expect(addToQueue([], [testQueueItem('x')])[0].position).toBe(1);
});

it('puts what continues a run before all others, and leaves what waits already where it is', () => {
  const continued = (id: string) => testQueueItem(id, { start: 'checkpoint', losses: 1 });
  const added = addToQueue(queue, [
    testQueueItem('x'),
    continued('y'),
    continued('z'),
    testQueueItem('a', { losses: 1 }),
  ]);
  expect(after(added)).toEqual(['y', 'z', 'a', 'b', 'c', 'x']);
  expect(added.map(({ start, losses }) => [start, losses])).toEqual([
    ['new', 0],
    ['checkpoint', 1],
    ['checkpoint', 1],
    ['new', 1],
  ]);
  const { start: _, losses: __, ...asked } = testQueueItem('x');
  expect(addToQueue([], [asked])).toMatchObject([{ start: 'new', losses: 0, position: 1 }]);
});

it('reads an item of an earlier version as new', () => {
  const { start: _, losses: __, ...before } = testQueueItem('a');
  expect(parseQueueItem(before)).toEqual(testQueueItem('a'));
});

it('moves an item before another or to the end, and names only what changed', () => {
  expect(after(moveInQueue(queue, 'c', 'a'))).toEqual(['c', 'a', 'b']);
  expect(after(moveInQueue(queue, 'a', null))).toEqual(['b', 'c', 'a']);
  const swapped = moveInQueue(queue, 'b', 'a');
  expect(after(swapped)).toEqual(['b', 'a', 'c']);
  expect(ids(swapped).toSorted()).toEqual(['a', 'b']);
});

it('moves nothing when either item is not in the queue', () => {
  expect(moveInQueue(queue, 'z', 'a')).toEqual([]);
  expect(moveInQueue(queue, 'a', 'z')).toEqual([]);
});

it('reads what it wrote, a group with its seed and fold included, and refuses another version', () => {
  const item = testQueueItem('a', { group: { id: 'g', name: 'Five folds', seed: 3, fold: 2 } });
  expect(parseQueueItem(structuredClone(item))).toEqual(item);
  expect(() => parseQueueItem({ ...item, schemaVersion: 99 })).toThrow();
  expect(() => parseQueueItem({ ...item, recipe: { ...item.recipe, network: 'resnet' } })).toThrow();
});

it('reads an item from before runs went on from others, and one that does', () => {
  const plain = testQueueItem('a');
  expect(parseQueueItem(plain)).toEqual(plain);
  const further = { ...plain, ancestor: { runId: 'old', weights: 'best' } };
  expect(parseQueueItem(further)).toEqual(further);
  expect(() => parseQueueItem({ ...plain, ancestor: { runId: 'old', weights: 'first' } })).toThrow();
});

it('continues a run that was trained further with its ancestor', () => {
  const ancestor = { runId: 'old', weights: 'best' as const };
  const record = testRecord({ id: 'a', ancestor: { ...ancestor, optimizer: 'anew', otherDatasets: [] } });
  expect(continuationOf(record, 1)).toMatchObject({ id: 'a', start: 'checkpoint', ancestor });
});
