import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import type { TrainingPosition } from '../domain/checkpoint';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { filled } from '../networks/every-kind-test-kit';
import type { Network } from '../networks/network';
import { createOptimizer, type Optimizer } from './optimizer';
import { type TrainingEvent, trainNetwork } from './train-network';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SIZE = 7;
const images: DatasetImage[] = Array.from({ length: 8 }, (_, i) => ({
  path: `${i}`,
  split: 'train',
  classIndex: i % 3,
  sizeBytes: 1,
}));
/** Three steps per epoch, the last one short; every random stream is used. */
const recipe: Recipe = {
  ...notebookRecipe('densenet121'),
  epochs: 3,
  batchSize: 3,
  inputSize: SIZE,
  optimizer: { kind: 'adam', learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
};
const readPixels = async (batch: DatasetImage[]) => ({
  data: Uint8Array.from(
    batch.flatMap(({ path }) =>
      Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * (13 + 40 * Number(path))) % 256),
    ),
  ),
  count: batch.length,
  size: SIZE,
});

/** Of weights or slots, by key. */
type Values = Map<string, Float32Array>;

const weightsOf = (network: Network): Values =>
  new Map(
    [...network.entries()].map(([{ layer, name }, { parts }]) => [
      `${layer}/${name}`,
      parts[0].dataSync<'float32'>().slice(),
    ]),
  );
const slotsOf = ({ slots }: Optimizer): Values =>
  new Map([...slots].map(([key, { parts }]) => [key, parts[0].dataSync<'float32'>().slice()]));

interface Moment {
  position: TrainingPosition;
  weights: Values;
  slots: Values;
  step: number;
}

/** Trains to the end, from the start or from a moment, and keeps every moment on the way. */
async function train(change: Partial<Recipe>, from?: Moment) {
  const network = filled(everyKind());
  const optimizer = createOptimizer(recipe.optimizer);
  if (from) {
    for (const [spec] of network.entries()) {
      network.loadWeight(spec, from.weights.get(`${spec.layer}/${spec.name}`) as Float32Array);
    }
    await optimizer.load(network, async (key, start, length) =>
      (from.slots.get(key) as Float32Array).slice(start, start + length),
    );
    optimizer.step = from.step;
  }
  const moments: Moment[] = [];
  const reported: TrainingEvent[] = [];
  const options = { network, optimizer, recipe: { ...recipe, ...change }, images, readPixels, from: from?.position };
  const classWeights = change.classWeights ? [0.5, 1, 3] : null;
  for await (const event of trainNetwork({ ...options, classWeights })) {
    if (event.type === 'batch') reported.push(event);
    else {
      const position = event.type === 'ready' ? await event.position() : event.position;
      // As it is stored.
      const stored = JSON.parse(JSON.stringify(position));
      moments.push({ position: stored, weights: weightsOf(network), slots: slotsOf(optimizer), step: optimizer.step });
    }
    if (event.type === 'epoch') reported.push(event);
  }
  const end = { weights: weightsOf(network), slots: slotsOf(optimizer), step: optimizer.step };
  optimizer.dispose();
  network.dispose();
  return { moments, reported, end };
}

describe('training that begins at a step', () => {
  const changes: [string, Partial<Recipe>][] = [
    ['the notebook’s recipe', {}],
    ['balanced sampling and class weights', { sampling: 'balanced', classWeights: { kind: 'balanced' } }],
  ];
  const ENDS = 'ends with the curve, weights, statistics and slots of one that was never stopped, at every step';
  it.each(changes)(`${ENDS}: %s`, async (_name, change) => {
    const whole = await train(change);
    const places = whole.moments.map(({ position: { epoch, step } }) => `${epoch}.${step}`);
    expect(places).toEqual(['0.0', '0.1', '0.2', '1.0', '1.0', '1.1', '1.2', '2.0', '2.0', '2.1', '2.2', '3.0']);
    expect(whole.reported.some((event) => event.type === 'batch' && !Number.isFinite(event.batchLoss))).toBe(false);
    const tensorsBefore = tf.memory().numTensors;
    for (const moment of whole.moments.filter((_, i) => i > 0)) {
      const { reported, end } = await train(change, moment);
      const { epoch, step } = moment.position;
      const place = `${epoch}.${step}`;
      expect(end, place).toEqual(whole.end);
      const isAfter = (event: TrainingEvent) =>
        event.type !== 'ready' &&
        (event.epoch > epoch + 1 || (event.epoch === epoch + 1 && (event.type === 'epoch' || event.batch > step)));
      expect(reported, place).toEqual(whole.reported.filter(isAfter));
    }
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
});
