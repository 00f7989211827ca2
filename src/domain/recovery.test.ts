import { expect, it } from 'vitest';
import { notebookRecipe } from './recipe';
import { canContinue, countLosses, heldSentence, isOver, MAX_LOSSES } from './recovery';
import type { RunStatus } from './run';

it('two losses in a row hold a run; a checkpoint between them starts the count again', () => {
  const first = countLosses(0, false);
  expect(first).toBeLessThan(MAX_LOSSES);
  expect(countLosses(first, true)).toBe(first);
  expect(countLosses(first, false)).toBe(MAX_LOSSES);
});

it('proposes a smaller batch, and smaller images where a batch is one image', () => {
  expect(heldSentence('The GPU was lost', notebookRecipe('vgg16'))).toMatch(
    /^The GPU was lost twice in a row .*Batch size smaller than 32.*Continue run/,
  );
  expect(heldSentence('The GPU was lost', { ...notebookRecipe('vgg16'), batchSize: 1 })).toMatch(/smaller Input size/);
});

it('a run that was cut off or failed can be continued, and no other', () => {
  const all: RunStatus[] = ['running', 'finished', 'stopped', 'failed', 'diverged', 'interrupted'];
  expect(all.filter((status) => canContinue({ status }))).toEqual(['failed', 'interrupted']);
  expect(all.filter((status) => isOver({ status }))).toEqual(['finished', 'diverged']);
});

it('a run that finished without room for its last weights can be continued, and is not over', () => {
  const run = { status: 'finished', lastKept: null } as const;
  expect([canContinue(run), isOver(run)]).toEqual([true, false]);
});
