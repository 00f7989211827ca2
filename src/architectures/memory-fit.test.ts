import { expect, it } from 'vitest';
import type { DeviceCapacity } from '../domain/device';
import { notebookRecipe } from '../domain/recipe';
import { buildNetwork } from './build-network';
import { misfitOf, refusedStep } from './memory-fit';
import { planTraining } from './plan';

const recipe = notebookRecipe('vgg16');
const plan = planTraining(buildNetwork('vgg16', 224, 3));
const ample: DeviceCapacity = { kind: 'webgpu', bufferBytes: 2 ** 31, limitBytes: null, knownBytes: null };

it('says which batch fits a buffer, the memory that was given, or that none does', () => {
  expect(misfitOf(recipe, plan, ample)).toBeNull();
  const small = { ...ample, bufferBytes: 2 ** 27 };
  expect(misfitOf({ ...recipe, batchSize: 200 }, plan, small)).toMatch(
    /^VGG16 at 224 px with Batch size 200 needs a single buffer of \d+ MB, and this GPU allows 128 MB\. The largest Batch size that fits is \d+\.$/,
  );
  expect(misfitOf(recipe, plan, { ...ample, knownBytes: 2e9 })).toMatch(
    /needs about 2,056 MB of GPU memory, and this GPU gave no more than 1,907 MB\. The largest Batch size that fits is \d+\.$/,
  );
  expect(misfitOf(recipe, plan, { ...ample, knownBytes: 1e9 })).toMatch(
    /Not even one image at a time fits: choose a smaller Input size\. With Batch size 32 the largest that fits is 1\d\d\.$/,
  );
});

it('trusts a refusal of the GPU more than the estimate', () => {
  const capacity = { ...ample, knownBytes: 2 ** 31 };
  const asked = refusedStep(recipe, plan, capacity, { askedBytes: 2 ** 27, usedBytes: 2 ** 31 });
  expect(asked).toMatch(/needs about 2,176 MB of GPU memory, and this GPU gave no more than 2,048 MB\. The largest/);
});

it('asks for another try where idle buffers filled the memory', () => {
  const capacity = { ...ample, knownBytes: 2 ** 32 };
  const asked = refusedStep(recipe, plan, capacity, { askedBytes: 2 ** 27, usedBytes: 2 ** 30 });
  expect(asked).toMatch(/gave no more than 4,096 MB, part of it for what is kept ready\. Train again: /);
});

it('says what WebAssembly can hold, and what it has been seen to give', () => {
  const processor: DeviceCapacity = { kind: 'processor', bufferBytes: 2 ** 32, limitBytes: 2 ** 31, knownBytes: null };
  expect(misfitOf(recipe, plan, processor)).toMatch(
    /needs about 2,056 MB of memory, and the processor device has no more than 2,048 MB\. The largest Batch size that fits is \d+\.$/,
  );
  const asked = { askedBytes: 2 ** 27, usedBytes: 2 ** 30 };
  const seen = { ...processor, knownBytes: 2 ** 30 };
  expect(refusedStep(recipe, plan, seen, asked)).toMatch(/and the processor device gave no more than 1,024 MB\./);
});

it('fits InceptionV3 at its own size into 32 bits of addresses, and names the size where more does not fit', () => {
  const processor: DeviceCapacity = {
    kind: 'processor',
    bufferBytes: 2 ** 32,
    limitBytes: 2 ** 32 - 2 ** 16,
    knownBytes: null,
  };
  const own = notebookRecipe('inceptionv3');
  expect(misfitOf(own, planTraining(buildNetwork('inceptionv3', 299, 3)), processor)).toBeNull();
  const large = { ...own, inputSize: 400 };
  const sentence = misfitOf(large, planTraining(buildNetwork('inceptionv3', 400, 3)), processor);
  expect(sentence).toMatch(/choose a smaller Input size\. With Batch size 32 the largest that fits is \d+\.$/);
  const size = Number(/(\d+)\.$/.exec(sentence ?? '')?.[1]);
  const misfitAt = (inputSize: number) =>
    misfitOf({ ...own, inputSize }, planTraining(buildNetwork('inceptionv3', inputSize, 3)), processor);
  expect(size).toBeGreaterThanOrEqual(299);
  expect(misfitAt(size)).toBeNull();
  expect(misfitAt(size + 1)).not.toBeNull();
});
