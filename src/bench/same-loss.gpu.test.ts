import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { planTraining } from '../architectures/plan';
import { filled, images } from '../networks/every-kind-test-kit';
import { forward, releasePass } from '../networks/execute';
import { lossesApart } from './losses-apart';
import { startOurs } from './our-trainer';
import { openSide, type Side, type SideName } from './side';
import { buildStockModel, takeWeights } from './stock-model';
import { startStock } from './stock-trainer';
import { taskOf } from './task-of-network';
import type { Task } from './trainer';

// The benchmark itself compares the first losses of each network before it measures; here only what is quickly compiled.

let side: Side | null = null;

afterEach(() => side?.close());

async function onSide<T>(name: SideName, look: () => Promise<T>): Promise<T> {
  side = await openSide(name);
  await side.activate();
  const result = await look();
  await side.drain();
  side.check();
  await side.close();
  side = null;
  return result;
}

async function read(tensor: tf.Tensor): Promise<number[]> {
  const values = Array.from(await tensor.data());
  tensor.dispose();
  return values;
}

it('a stock model with our weights computes what our network does, for every layer kind', async () => {
  const graph = everyKind();
  const ours = await onSide('ours', async () => {
    const network = filled(graph);
    const probabilities = tf.tidy(() => {
      const pass = forward(network, planTraining(graph), images(), { training: true });
      const result = tf.softmax(pass.logits);
      releasePass(pass);
      return result;
    });
    network.dispose();
    return read(probabilities);
  });
  const stock = await onSide('stock', async () => {
    const [network, model] = [filled(graph), buildStockModel(graph)];
    takeWeights(model, network);
    network.dispose();
    const probabilities = tf.tidy(() => model.apply(images(), { training: true }) as tf.Tensor);
    model.dispose();
    return read(probabilities);
  });
  for (const [index, value] of ours.entries()) expect(stock[index]).toBeCloseTo(value, 4);
});

it('both sides start from the same loss, and their first step of training reports it', { tags: 'long' }, async () => {
  // Ours shuffles its images, so all have one label.
  const { labels, ...rest } = taskOf('baseline', { inputSize: 16, batch: 3, augmentation: false }, true);
  const task: Task = { ...rest, labels: labels.map(() => 1) };
  const losses: Partial<Record<SideName, number>> = {};
  for (const [name, start] of [['ours', startOurs] as const, ['stock', startStock] as const]) {
    losses[name] = await onSide(name, async () => {
      const trainer = start(task);
      const first = await trainer.firstLoss();
      expect(await trainer.step()).toBeCloseTo(first, 4);
      await trainer.dispose();
      return first;
    });
  }
  expect(losses.ours).toBeGreaterThan(0);
  expect(losses.stock).toBeGreaterThan(0);
  expect(lossesApart(losses)).toBeNull();
});
