import { afterEach, expect, it } from 'vitest';
import { NETWORK_IDS } from '../domain/network';
import { taskOf } from './measure-network';
import { startOurs } from './our-trainer';
import { openSide, type Side } from './side';
import { startStock } from './stock-trainer';
import type { Task, Trainer } from './trainer';

const SIZES = { baseline: 16, vgg16: 32, inceptionv3: 75, densenet121: 32 };
const BATCHES = { baseline: 3, vgg16: 1, inceptionv3: 1, densenet121: 4 };
/** The first loss does not depend on it, and stock Adam would take most of the test's time. */
const OPTIMIZER = { kind: 'sgd', learningRate: 0, momentum: 0 } as const;

let side: Side | null = null;

afterEach(() => side?.close());

async function firstLoss(name: Side['name'], start: (task: Task) => Trainer, task: Task): Promise<number> {
  side = await openSide(name);
  await side.activate();
  const trainer = start(task);
  const loss = await trainer.step();
  await side.drain();
  side.check();
  await trainer.dispose();
  await side.close();
  side = null;
  return loss;
}

it.each(NETWORK_IDS)('stock and ours start %s from the same loss', async (network) => {
  const options = { inputSize: SIZES[network], batch: BATCHES[network], augmentation: false };
  const { recipe, labels, ...rest } = taskOf(network, options, true);
  // Ours shuffles its images, so all have one label.
  const task: Task = { ...rest, recipe: { ...recipe, optimizer: OPTIMIZER }, labels: labels.map(() => 1) };
  const ours = await firstLoss('ours', startOurs, task);
  const stock = await firstLoss('stock', startStock, task);
  expect(Math.abs(stock - ours)).toBeLessThan(1e-3 * Math.max(1, ours));
});
