import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import text from '../../e2e/reference/fixtures/class-weights-baseline-32.jsonl?raw';
import { buildNetwork } from '../architectures/build-network';
import { RandomStream } from '../base/random';
import {
  readFixture,
  referenceImage,
  referenceWeight,
  relativeDistance,
  type Sketch,
} from '../base/reference-test-kit';
import { weightKey } from '../domain/architecture';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { startKernels } from '../kernels/device-test-kit';
import { referenceNetwork } from '../networks/keras-test-kit';
import { copyGradient, multiplyOut } from '../networks/weight-gradient';
import { evaluate } from './evaluate';
import { createOptimizer } from './optimizer';
import { type EpochMeans, trainNetwork } from './train-network';

interface Header {
  inputSize: number;
  batch: number;
  labels: number[];
  validationLabels: number[];
  classWeights: number[];
}
interface Reported {
  value: number;
  keras32: number;
}
type Line =
  | { reported: Record<'loss' | 'accuracy' | 'val_loss' | 'val_accuracy', Reported> }
  | ({ gradient?: string; change?: string; keras32: number } & Sketch);

const { header, lines } = readFixture<Header, Line>(text);
const size = header.inputSize;
const notebook = notebookRecipe('baseline');
const recipe: Recipe = {
  ...notebook,
  ...{ epochs: 1, batchSize: header.batch, inputSize: size },
  augmentation: {
    ...{ rotationDegrees: 0, heightShift: 0, widthShift: 0, zoom: 0, noiseDeviation: 0 },
    ...{ horizontalFlip: false, clip: false },
  },
};

const imagesOf = (split: 'train' | 'validation', labels: number[]): DatasetImage[] =>
  labels.map((classIndex, index) => ({ path: `${split}/${index}`, split, classIndex, sizeBytes: 1 }));
const readPixels = async (batch: DatasetImage[]) => ({
  data: Uint8Array.from(batch.flatMap(({ path }) => [...referenceImage(path, size)])),
  count: batch.length,
  size,
});

/** The images in such an order that the shuffle of the first epoch brings them into that of Keras. */
function unshuffled(images: DatasetImage[]): DatasetImage[] {
  const order = RandomStream.named(recipe.seed, 'shuffle').shuffled([...images.keys()]);
  const before: DatasetImage[] = [];
  for (const [place, index] of order.entries()) before[index] = images[place];
  return before;
}

beforeAll(() => startKernels('ours'));

it('one epoch with class weights: loss, accuracy, validation, first gradients and movements are those of Keras’ fit', async () => {
  const network = referenceNetwork(buildNetwork('baseline', size, 3));
  const optimizer = createOptimizer(recipe.optimizer);
  const found = new Map<string, Float32Array>();
  const pending: Promise<void>[] = [];
  const apply = optimizer.apply.bind(optimizer);
  optimizer.apply = (target, spec, gradient) => {
    const key = `gradient/${weightKey(spec)}`;
    if (optimizer.step === 1) {
      const copy = tf.keep(multiplyOut(copyGradient(gradient)));
      pending.push(
        copy.data<'float32'>().then((values) => {
          found.set(key, values);
          copy.dispose();
        }),
      );
    }
    apply(target, spec, gradient);
  };
  let means: EpochMeans | null = null;
  const images = unshuffled(imagesOf('train', header.labels));
  const { classWeights } = header;
  for await (const event of trainNetwork({ network, optimizer, recipe, images, readPixels, classWeights })) {
    if (event.type === 'epoch') means = event.means;
  }
  await Promise.all(pending);
  for (const [spec, { parts }] of network.entries()) {
    const before = referenceWeight(spec);
    const after = await parts[0].data<'float32'>();
    found.set(
      `change/${weightKey(spec)}`,
      after.map((value, i) => value - before[i]),
    );
  }
  const validation = await evaluate(network, {
    images: imagesOf('validation', header.validationLabels),
    batchSize: header.batch,
    readPixels,
  });

  let compared = 0;
  for (const line of lines) {
    if ('reported' in line) {
      const { loss, accuracy, val_loss, val_accuracy } = line.reported;
      expect(Math.abs((means?.loss ?? 0) / loss.value - 1)).toBeLessThan(Math.max(1e-5, 3 * loss.keras32));
      expect(means?.accuracy).toBeCloseTo(accuracy.value, 6);
      expect(Math.abs((validation?.loss ?? 0) / val_loss.value - 1)).toBeLessThan(Math.max(1e-5, 3 * val_loss.keras32));
      expect(validation?.accuracy).toBeCloseTo(val_accuracy.value, 6);
      continue;
    }
    const key = line.gradient ? `gradient/${line.gradient}` : `change/${line.change}`;
    const distance = relativeDistance(key, found.get(key) ?? [], line);
    expect(distance, key).toBeLessThan(Math.max(1e-3, 3 * line.keras32));
    compared += 1;
  }
  expect(compared).toBe(8);
  optimizer.dispose();
  network.dispose();
});
