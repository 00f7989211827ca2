import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { planTraining } from '../architectures/plan';
import type { DeviceKind } from '../domain/device';
import { filled, images } from '../networks/every-kind-test-kit';
import { forward, releasePass } from '../networks/execute';
import { lossesApart } from './losses-apart';
import { openSide } from './open-side';
import { startOurs } from './our-trainer';
import type { Side } from './side';
import type { MeasuredSide } from './side-name';
import { buildStockModel, takeWeights } from './stock-model';
import { startStock } from './stock-trainer';
import { taskOf } from './task-of-network';
import type { Task } from './trainer';

// The benchmark itself compares the first losses of each network before it measures; here only what is quickly compiled.

let side: Side | null = null;

afterEach(() => side?.close());

async function onSide<T>(name: MeasuredSide, look: () => Promise<T>, device: DeviceKind = 'webgpu'): Promise<T> {
  side = await openSide(name, { device, threads: null });
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

it('a stock model with our weights computes what our network does on both devices, for every layer kind', async () => {
  const graph = everyKind();
  const computeOurs = async () => {
    const network = filled(graph);
    const probabilities = tf.tidy(() => {
      const pass = forward(network, planTraining(graph), images(), { training: true });
      const result = tf.softmax(pass.logits);
      releasePass(pass);
      return result;
    });
    network.dispose();
    return read(probabilities);
  };
  const ours = await onSide('ours', computeOurs);
  const onProcessor = await onSide('ours', computeOurs, 'processor');
  const stock = await onSide('stock', async () => {
    const [network, model] = [filled(graph), buildStockModel(graph)];
    takeWeights(model, network);
    network.dispose();
    const probabilities = tf.tidy(() => model.apply(images(), { training: true }) as tf.Tensor);
    model.dispose();
    return read(probabilities);
  });
  for (const [index, value] of stock.entries()) {
    expect(ours[index]).toBeCloseTo(value, 4);
    expect(onProcessor[index]).toBeCloseTo(value, 4);
  }
});

it('all sides start from the same loss, and their first step of training reports it', { tags: 'long' }, async () => {
  // Ours shuffles its images, so all have one label.
  const { labels, ...rest } = taskOf('baseline', { inputSize: 16, batch: 3, augmentation: false }, 'software');
  const task: Task = { ...rest, labels: labels.map(() => 1) };
  const firstOf = (name: MeasuredSide, device: DeviceKind) =>
    onSide(
      name,
      async () => {
        const trainer = name === 'stock' ? startStock(task) : startOurs(task);
        const first = await trainer.firstLoss();
        expect(await trainer.step()).toBeCloseTo(first, 4);
        await trainer.dispose();
        return first;
      },
      device,
    );
  const losses = {
    ours: await firstOf('ours', 'processor'),
    webgpu: await firstOf('webgpu', 'processor'),
    stock: await firstOf('stock', 'webgpu'),
  };
  for (const loss of Object.values(losses)) expect(loss).toBeGreaterThan(0);
  expect(lossesApart(losses)).toBeNull();
});
