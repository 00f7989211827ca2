import { expect, it } from 'vitest';
import type { RestoredRun, RestoreReport } from '../../domain/backup';
import { refusedSentences, restoredSentences } from './backup-words';

const run = (outcome: RestoredRun['outcome'], sentence: string | null = null): RestoredRun => ({
  runId: 'a',
  network: 'vgg16',
  createdAt: new Date(2026, 4, 1, 15, 4).getTime(),
  outcome,
  sentence,
});
const report = (change: Partial<RestoreReport>): RestoreReport => ({
  name: 'b.zip',
  runs: [],
  queue: { count: 0, sentence: null },
  pretrained: [],
  ...change,
});

it('counts what was restored, and what stayed', () => {
  const runs = [run('restored'), run('restored'), run('same'), run('bothKept'), run('weightsBack')];
  expect(restoredSentences(report({ runs, queue: { count: 1, sentence: null } }))).toEqual([
    '2 runs were restored.',
    '1 run was here without weights and got them back.',
    '1 run was here already with other content: both are kept.',
    '1 run was here already and stayed unchanged.',
    '1 waiting run joined the queue.',
  ]);
  expect(restoredSentences(report({}))).toEqual(['Nothing was in it that is not here.']);
});

it('names what was refused, with its reason', () => {
  const pretrained = [{ fileName: 'v.h5', outcome: 'refused' as const, sentence: 'v.h5 is damaged.' }];
  const runs = [run('refused', 'It is damaged.'), { ...run('refused', 'It is new.'), network: null }, run('same')];
  expect(refusedSentences(report({ runs, pretrained, queue: { count: 0, sentence: 'No queue.' } }))).toEqual([
    'VGG16 of May 1, 2026, 3:04 PM: It is damaged.',
    'Run a: It is new.',
    'No queue.',
    'v.h5 is damaged.',
  ]);
});
