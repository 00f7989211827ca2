import { describe, expect, it } from 'vitest';
import { readCheckpointState, trainingListHash } from './checkpoint';
import { testCheckpointState } from './checkpoint-test-kit';

describe('a checkpoint’s state', () => {
  it('comes back from JSON as it was', () => {
    const state = testCheckpointState();
    expect(readCheckpointState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('is null where it cannot be read: missing, of another version, without a version, or damaged', () => {
    const state = testCheckpointState();
    const short = { ...state.position, randomStates: { ...state.position.randomStates, shuffle: [1, 2] } };
    for (const stored of [
      null,
      { ...state, schemaVersion: 99 },
      { randomStates: state.position.randomStates, step: 3, record: state.record },
      { ...state, position: short },
      { ...state, record: {} },
      // JSON writes what is not a number as null.
      JSON.parse(JSON.stringify({ ...state, callbacks: { bestByTrainingLoss: { loss: Number.NaN } } })),
    ]) {
      expect(readCheckpointState(stored)).toBeNull();
    }
  });
});

describe('the training list’s hash', () => {
  const list = [
    { path: 'a/1.png', classIndex: 0 },
    { path: 'b/2.png', classIndex: 1 },
  ];

  it('changes with an image, a label and the order, and with nothing else', () => {
    const hash = trainingListHash(list);
    expect(trainingListHash(list.map((image) => ({ ...image, sizeBytes: 4 })))).toBe(hash);
    const others = [
      list.slice(1),
      list.toReversed(),
      [list[0], { ...list[1], classIndex: 0 }],
      [list[0], { ...list[1], path: 'b/3.png' }],
    ];
    expect(new Set([hash, ...others.map(trainingListHash)]).size).toBe(5);
  });
});
