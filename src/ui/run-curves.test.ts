import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import type { EpochLog, RunRecord } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import { niceTop } from './axis-range';
import { curvesOf, nameCurves } from './run-curves';

function run(id: string, network: 'baseline' | 'vgg16', epochCount: number): RunRecord {
  const epochs = Array.from(
    { length: epochCount },
    (_, i): EpochLog => ({
      epoch: i + 1,
      loss: 1 / (i + 1),
      accuracy: i / epochCount,
      validationLoss: null,
      validationAccuracy: 0.5,
      timeMs: 1,
      tensorCount: 1,
      gpuBytes: 1,
    }),
  );
  return testRecord({ id, recipe: notebookRecipe(network), epochs, bestEpoch: 1 });
}

describe('curves of runs', () => {
  it('numbers runs of one network from the oldest and draws the older ones faint', () => {
    const names = nameCurves([run('c', 'baseline', 2), run('b', 'vgg16', 2), run('a', 'baseline', 2)]);
    expect(names.map(({ name, faint }) => [name, faint])).toEqual([
      ['Baseline #2', false],
      ['VGG16', false],
      ['Baseline #1', true],
    ]);
  });

  it('leaves out runs without an epoch and values that were not measured', () => {
    const curves = curvesOf([run('a', 'baseline', 0), run('b', 'vgg16', 3)], 'loss');
    expect(curves.map(({ id, points }) => [id, points.length])).toEqual([
      ['b training', 3],
      ['b validation', 0],
    ]);
  });

  it('leaves a gap where a value is not finite, and names the epoch of a divergence', () => {
    const record = run('a', 'baseline', 5);
    record.epochs[1].loss = Number.POSITIVE_INFINITY;
    record.epochs[4].loss = Number.NaN;
    const [training] = curvesOf([record], 'loss');
    expect(training.lines.map((points) => points.map(({ epoch }) => epoch))).toEqual([[1], [3, 4]]);
    expect(niceTop([training])).toBe(1);
    expect(nameCurves([record])[0].divergedIn).toBeNull();
    expect(nameCurves([{ ...record, status: 'diverged' }])[0].divergedIn).toBe(5);
  });

  it('thins long runs and keeps the last epoch', () => {
    const [training] = curvesOf([run('a', 'baseline', 1000)], 'accuracy');
    expect(training.points.length).toBeLessThanOrEqual(120);
    expect(training.points.at(-1)?.epoch).toBe(1000);
  });
});
