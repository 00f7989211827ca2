/** @file Planted changes in how runs are continued and how often. */

/** @type {import('./list.mjs').Mutant[]} */
export const RECOVERY_MUTANTS = [
  {
    name: 'a loss after a checkpoint counts like one without',
    file: 'src/domain/recovery.ts',
    find: '(hasSaved ? 0 : before) + 1',
    replace: 'before + 1',
    tests: ['domain/recovery', 'training/run-queue'],
  },
  {
    name: 'losses are never counted',
    file: 'src/training/run-queue.ts',
    find: "start: ended.ok ? 'checkpoint' : item.start, losses }",
    replace: "start: ended.ok ? 'checkpoint' : item.start, losses: 0 }",
    tests: ['training/run-queue'],
  },
  {
    name: 'a continued run stands last in the queue',
    file: 'src/domain/queue.ts',
    find: 'if (isContinuing(item)) return ++first;',
    replace: 'if (isContinuing(item)) return ++last;',
    tests: ['domain/queue', 'training/run-queue'],
  },
  {
    name: 'a run that lost its device begins anew',
    file: 'src/worker/studio-handler.ts',
    find: "request.start === 'checkpoint' ? RunSession.restore",
    replace: "request.start === 'new' ? RunSession.restore",
    tests: ['worker/choose-device'],
  },
  {
    name: 'a lost device is used on',
    file: 'src/worker/device-turns.ts',
    find: 'return lost.isLost() ? this.replace',
    replace: 'return false ? this.replace',
    tests: ['worker/choose-device'],
  },
  {
    name: 'a folder that is not the run’s is taken',
    file: 'src/state/dataset-store.ts',
    find: 'if (summary?.id === wanted.id) return null;',
    replace: 'if (summary) return null;',
    tests: ['state/dataset-store'],
  },
  {
    name: 'a new worker is not told what it was training on',
    file: 'src/state/training-store.ts',
    find: 'if (outcome.ok) started.set(summary.id, summary);',
    replace: 'if (outcome.ok) started.clear();',
    tests: ['state/worker-death'],
  },
];
