import { afterEach, expect, it } from 'vitest';
import { lossesApart } from './losses-apart';
import { startOurs } from './our-trainer';
import { openSide, type Side, type SideName } from './side';
import { startStock } from './stock-trainer';
import { taskOf } from './task-of-network';
import type { Task, Trainer } from './trainer';

// InceptionV3 has every layer kind but zero padding. The benchmark itself checks every network it measures.
const CASES = [
  { network: 'baseline', inputSize: 16, batch: 3 },
  { network: 'inceptionv3', inputSize: 75, batch: 1 },
] as const;

let side: Side | null = null;

afterEach(() => side?.close());

/** Runs `look` with a trainer on a side of its own. */
async function onSide(name: SideName, task: Task, look: (trainer: Trainer) => Promise<void>): Promise<void> {
  side = await openSide(name);
  await side.activate();
  const trainer = name === 'ours' ? startOurs(task) : startStock(task);
  await look(trainer);
  await side.drain();
  side.check();
  await trainer.dispose();
  await side.close();
  side = null;
}

it.each(CASES)('stock and ours start $network from the same loss', async ({ network, ...size }) => {
  const task = taskOf(network, { ...size, augmentation: false }, true);
  const losses: Partial<Record<SideName, number>> = {};
  for (const name of ['ours', 'stock'] as const) {
    await onSide(name, task, async (trainer) => {
      losses[name] = await trainer.firstLoss();
    });
  }
  expect(losses.ours).toBeGreaterThan(0);
  expect(losses.stock).toBeGreaterThan(0);
  expect(lossesApart(losses)).toBeNull();
});

it('a step of training reports that loss on both sides', async () => {
  // Ours shuffles its images, so all have one label.
  const { labels, ...rest } = taskOf('baseline', { inputSize: 16, batch: 3, augmentation: false }, true);
  const task: Task = { ...rest, labels: labels.map(() => 1) };
  for (const name of ['ours', 'stock'] as const) {
    await onSide(name, task, async (trainer) => {
      const first = await trainer.firstLoss();
      expect(await trainer.step()).toBeCloseTo(first, 4);
    });
  }
});
