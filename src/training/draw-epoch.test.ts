import { expect, it } from 'vitest';
import { RandomStream } from '../base/random';
import type { DatasetImage } from '../domain/dataset';
import { drawEpoch } from './draw-epoch';

/** 14 images of class 0, 5 of class 1 and 2 of class 2. */
const images: DatasetImage[] = [14, 5, 2].flatMap((count, classIndex) =>
  Array.from({ length: count }, (_, i) => ({ path: `${classIndex}/${i}`, split: 'train', classIndex, sizeBytes: 1 })),
);
const draw = (sampling: 'balanced' | undefined, stream: RandomStream) =>
  drawEpoch(images, sampling, stream).map(({ path }) => path);
const tally = (paths: string[], keyOf: (path: string) => string) => {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(keyOf(path), (counts.get(keyOf(path)) ?? 0) + 1);
  return counts;
};

it('without sampling is every image once, in an order of its own each epoch', () => {
  const stream = RandomStream.named(1, 'shuffle');
  const epochs = [draw(undefined, stream), draw(undefined, stream)];
  for (const paths of epochs) expect(paths.toSorted()).toEqual(images.map(({ path }) => path).toSorted());
  expect(epochs[1]).not.toEqual(epochs[0]);
});

it('balanced is as many images, each class equally often, and within a class none much more often than another', () => {
  const stream = RandomStream.named(1, 'shuffle');
  const seen = new Set<string>();
  for (let epoch = 0; epoch < 8; epoch += 1) {
    const paths = draw('balanced', stream);
    expect(Object.fromEntries(tally(paths, (path) => path[0]))).toEqual({ 0: 7, 1: 7, 2: 7 });
    const perImage = [...tally(paths, (path) => path)];
    for (const [least, most, classIndex] of [
      [1, 1, '0'],
      [1, 2, '1'],
      [3, 4, '2'],
    ] as const) {
      const counts = perImage.filter(([path]) => path.startsWith(classIndex)).map(([, count]) => count);
      expect([Math.min(...counts), Math.max(...counts)]).toEqual([least, most]);
    }
    for (const path of paths) seen.add(path);
  }
  // Half of the large class is drawn in an epoch, another half each time.
  expect(seen.size).toBe(images.length);
});

it('balanced gives what does not divide evenly to classes at random, and the same epoch from the same state', () => {
  const twenty = images.slice(1);
  const stream = RandomStream.named(2, 'shuffle');
  const smallest = new Set<number>();
  for (let epoch = 0; epoch < 12; epoch += 1) {
    const before = stream.state;
    const drawn = drawEpoch(twenty, 'balanced', stream);
    const counts = [0, 1, 2].map((index) => drawn.filter(({ classIndex }) => classIndex === index).length);
    expect(counts.toSorted()).toEqual([6, 7, 7]);
    smallest.add(counts.indexOf(6));
    expect(drawEpoch(twenty, 'balanced', RandomStream.fromState(before))).toEqual(drawn);
  }
  expect(smallest.size).toBe(3);
});
