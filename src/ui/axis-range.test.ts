import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { epochAxisEnd, niceTop } from './axis-range';
import type { Curve } from './run-curves';

function run(status: RunRecord['status'], done: number, planned: number) {
  const log = { epoch: 1, loss: 1, accuracy: 1, validationLoss: 1, validationAccuracy: 1 };
  const epochs = Array.from({ length: done }, () => ({ ...log, timeMs: 1, tensorCount: 1, gpuBytes: 1 }));
  return { status, epochs, recipe: { ...notebookRecipe('baseline'), epochs: planned } };
}

function curve(values: number[]): Curve {
  const points = values.map((value, i) => ({ epoch: i + 1, value }));
  return { id: 'a', runId: 'a', name: 'a', colour: '', dashed: false, faint: false, points, lines: [points] };
}

describe('axes', () => {
  it('grow in steps while a run is going', () => {
    expect(epochAxisEnd([])).toBe(2);
    expect(epochAxisEnd([run('running', 3, 10)])).toBe(10);
    expect(epochAxisEnd([run('running', 3, 1000)])).toBe(15);
    expect(epochAxisEnd([run('running', 16, 1000)])).toBe(30);
    expect(epochAxisEnd([run('stopped', 7, 1000), run('finished', 5, 5)])).toBe(7);
  });

  it('end at a round number', () => {
    expect(niceTop([])).toBe(1);
    expect(niceTop([curve([0.7, 1.31])])).toBe(1.6);
    expect(niceTop([curve([0.02])])).toBeCloseTo(0.02);
    expect(niceTop([curve([42])])).toBe(60);
    expect(niceTop([curve([3e38])])).toBeCloseTo(3.2e38, -35);
  });
});
