import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { Crc32 } from '../base/checksum';
import { RandomStream } from '../base/random';
import { weightKey } from '../domain/architecture';
import type { DatasetImage } from '../domain/dataset';
import type { NetworkId } from '../domain/network';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { startThread } from '../kernels/device-test-kit';
import { ProcessorDevice } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { createOptimizer } from './optimizer';
import { trainNetwork } from './train-network';

const BATCH = 4;
/** The last is a short one. */
const IMAGES = 7;

interface Trained {
  losses: number[];
  /** Of every weight and slot, by its key. */
  checksums: Map<string, number>;
}

async function trainOn(threadCount: number, recipe: Recipe): Promise<Trained> {
  const device = await ProcessorDevice.start({ threadCount, startThread });
  expect(device.threadCount).toBe(threadCount);
  registerProcessor(device);
  await tf.setBackend(PROCESSOR);
  try {
    return await trainEpoch(recipe);
  } finally {
    tf.removeBackend(PROCESSOR);
    device.stop();
  }
}

/** By the training loop, from the recipe's initial weights. */
async function trainEpoch(recipe: Recipe): Promise<Trained> {
  const size = recipe.inputSize;
  const network = new Network(buildNetwork(recipe.network, size, 3));
  initializeWeights(network, recipe.seed);
  const optimizer = createOptimizer(recipe.optimizer);
  const images = Array.from({ length: IMAGES }, (_, i): DatasetImage => {
    return { path: String(i), split: 'train', classIndex: i % 3, sizeBytes: 0 };
  });
  const readPixels = async (batch: DatasetImage[]) => {
    const stream = RandomStream.named(1, batch.map(({ path }) => path).join());
    const data = Uint8Array.from({ length: batch.length * size * size * 3 }, () => stream.bits() & 255);
    return { data, count: batch.length, size };
  };
  const losses: number[] = [];
  for await (const event of trainNetwork({ network, optimizer, recipe, images, readPixels })) {
    if (event.type === 'batch') losses.push(event.batchLoss);
  }
  const checksums = new Map<string, number>();
  const add = async (key: string, parts: readonly tf.Tensor[]) => {
    const crc = new Crc32();
    for (const part of parts) {
      const { buffer, byteOffset, byteLength } = await part.data<'float32'>();
      crc.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
    checksums.set(key, crc.value);
  };
  for (const [spec, { parts }] of network.entries()) await add(weightKey(spec), parts);
  for (const [key, { parts }] of optimizer.slots) await add(key, parts);
  optimizer.dispose();
  network.dispose();
  return { losses, checksums };
}

async function expectSameBits(network: NetworkId, inputSize: number): Promise<void> {
  const notebook = notebookRecipe(network);
  // With momentum SGD has slots too: they hold the gradients to their last bit, which weights as large as these would round away.
  const optimizer = notebook.optimizer.kind === 'sgd' ? { ...notebook.optimizer, momentum: 0.9 } : notebook.optimizer;
  const recipe: Recipe = { ...notebook, optimizer, inputSize, batchSize: BATCH, epochs: 1 };
  const alone = await trainOn(1, recipe);
  expect(alone.losses).toHaveLength(2);
  expect(alone.losses.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
  for (const threadCount of [2, 3]) expect(await trainOn(threadCount, recipe)).toEqual(alone);
}

const NAME = '%s at %i pixels trains to the same bits on one, two and three threads';

it.each<[NetworkId, size: number]>([['baseline', 32]])(NAME, expectSameBits);

it.each<[NetworkId, size: number]>([
  ['vgg16', 32],
  ['inceptionv3', 75],
  ['densenet121', 32],
])(NAME, { tags: 'long' }, expectSameBits);
