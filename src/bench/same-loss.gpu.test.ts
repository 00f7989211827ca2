import { afterEach, expect, it } from 'vitest';
import { NETWORK_IDS } from '../domain/network';
import { taskOf } from './measure-network';
import { startOurs } from './our-trainer';
import { openSide, type Side } from './side';
import { startStock } from './stock-trainer';
import type { Task, Trainer } from './trainer';

const SIZES = { baseline: 16, vgg16: 32, inceptionv3: 75, densenet121: 64 };

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
  const options = { inputSize: SIZES[network], batch: 4, augmentation: false };
  // Ours shuffles its images, so all have one label.
  const task = { ...taskOf(network, options, true), labels: [1, 1, 1, 1] };
  const ours = await firstLoss('ours', startOurs, task);
  const stock = await firstLoss('stock', startStock, task);
  expect(Math.abs(stock - ours)).toBeLessThan(1e-3 * Math.max(1, ours));
});
