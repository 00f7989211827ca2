import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

const SHAPE = [3, 5, 4, 7];
const values = normals(SHAPE, 1);
const at = (...[b, r, c, k]: number[]) => values[((b * SHAPE[1] + r) * SHAPE[2] + c) * SHAPE[3] + k];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The box of `size` from `begin` on, number by number. */
function boxOf(begin: number[], size: number[]): number[] {
  const [bs, rs, cs, ks] = size.map((count, axis) => range(count).map((i) => begin[axis] + i));
  return bs.flatMap((b) => rs.flatMap((r) => cs.flatMap((c) => ks.map((k) => at(b, r, c, k)))));
}

async function run(name: string, inputs: Record<string, tf.Tensor> | tf.Tensor[], attributes: Record<string, unknown>) {
  const results = await runPoisoned([values.length], name, inputs, attributes);
  tf.dispose(inputs);
  return results.map((result) => [...result]);
}

describe('a slice', () => {
  it.each([
    [
      [0, 0, 0, 2],
      [3, 5, 4, 3],
    ],
    [
      [1, 0, 0, 0],
      [2, 5, 4, 7],
    ],
    [
      [0, 1, 1, 0],
      [3, 3, 2, 7],
    ],
    [
      [1, 2, 1, 3],
      [1, 2, 3, 1],
    ],
  ])('from %j of %j', async (begin, size) => {
    expect(await run('Slice', { x: tensorOf(values, SHAPE) }, { begin, size })).toEqual([boxOf(begin, size)]);
  });
});

it('pieces along the channels', async () => {
  const pieces = await run('SplitV', { x: tensorOf(values, SHAPE) }, { numOrSizeSplits: [1, 4, 2], axis: 3 });
  expect(pieces).toEqual([
    boxOf([0, 0, 0, 0], [3, 5, 4, 1]),
    boxOf([0, 0, 0, 1], [3, 5, 4, 4]),
    boxOf([0, 0, 0, 5], [3, 5, 4, 2]),
  ]);
});

it.each([0, 1, 3])('pieces along axis %i joined again', async (axis) => {
  const x = tensorOf(values, SHAPE);
  const pieces = tf.split(x, [1, SHAPE[axis] - 1], axis);
  expect(await run('Concat', pieces, { axis })).toEqual([[...values]]);
  x.dispose();
});

it('a border around an image', async () => {
  const paddings = [
    [0, 0],
    [1, 2],
    [3, 1],
    [0, 0],
  ];
  const [padded] = await run('PadV2', { x: tensorOf(values, SHAPE) }, { paddings, constantValue: 0.5 });
  const expected = range(3).flatMap((b) =>
    range(8).flatMap((r) =>
      range(8).flatMap((c) => range(7).map((k) => (r >= 1 && r < 6 && c >= 3 && c < 7 ? at(b, r - 1, c - 3, k) : 0.5))),
    ),
  );
  expect(padded).toEqual(expected);
});
