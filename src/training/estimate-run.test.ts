import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { epochOperations, operationsOf } from '../architectures/operations';
import { planTraining } from '../architectures/plan';
import { notebookRecipe } from '../domain/recipe';
import { type EstimateBasis, estimateRun } from './estimate-run';
import { closestRate, type MeasuredRate } from './measured-rates';
import { misfitOf, refusedStep } from './memory-fit';

const recipe = notebookRecipe('vgg16');
const plan = planTraining(buildNetwork('vgg16', 224, 3));
const roomy = { bufferBytes: 2 ** 31, knownBytes: null };
const rate = (change: Partial<Omit<MeasuredRate, 'recipe'>> & Partial<MeasuredRate['recipe']>): MeasuredRate => {
  const { network = 'vgg16', inputSize = 224, batchSize = 32, ...rest } = change;
  return { recipe: { network, inputSize, batchSize }, gpu: 'here', createdAt: 1, gflops: 1, ...rest };
};
const basis: EstimateBasis = {
  classCount: 3,
  counts: { train: 339, validation: 42 },
  gpu: 'here',
  room: roomy,
  rates: [],
  measureProduct: async () => 1000,
};

describe('time', () => {
  // A step of 32 pictures: 1,715 billion operations (cost.test.ts), a forward pass of one: 30.9 billion.
  const operations = epochOperations(operationsOf(plan, recipe.optimizer), { train: 339, validation: 42 });

  it('comes from the operations of training and validation', async () => {
    expect(operations / 1e9).toBeCloseTo((339 / 32) * 1715.4 + 42 * 30.9, -2);
    const { time } = await estimateRun(recipe, { ...basis, rates: [rate({ gflops: 500 })] });
    expect(time).toMatchObject({ gflops: 500, basis: { kind: 'epoch', inputSize: 224, batchSize: 32 } });
    expect(time?.epochMs).toBeCloseTo(operations / 500e6, 6);
  });

  it('is a share of a matrix product where nothing was measured, and nothing where that cannot be had', async () => {
    const elsewhere = [rate({ gpu: 'elsewhere' }), rate({ network: 'baseline' })];
    const { time } = await estimateRun(recipe, { ...basis, rates: elsewhere });
    expect(time).toMatchObject({ gflops: 300, basis: { kind: 'product', productGflops: 1000, share: 0.3 } });
    expect((await estimateRun(recipe, { ...basis, measureProduct: async () => null })).time).toBeNull();
    expect((await estimateRun(recipe, { ...basis, counts: null })).time).toBeNull();
  });

  it('prefers what was measured at the same size, then the newest', () => {
    const rates = [
      rate({ gflops: 1, createdAt: 1 }),
      rate({ gflops: 2, createdAt: 2 }),
      rate({ gflops: 3, createdAt: 3, batchSize: 4 }),
      rate({ gflops: 4, createdAt: 4, inputSize: 32 }),
    ];
    expect(closestRate(rates, recipe, 'here')?.gflops).toBe(2);
    expect(closestRate(rates.slice(2), recipe, 'here')?.gflops).toBe(3);
    expect(closestRate(rates.slice(3), recipe, 'here')?.gflops).toBe(4);
  });
});

describe('memory', () => {
  it('says which batch fits a buffer, the memory that was given, or that none does', () => {
    expect(misfitOf(recipe, plan, roomy)).toBeNull();
    const small = { bufferBytes: 2 ** 27, knownBytes: null };
    expect(misfitOf({ ...recipe, batchSize: 200 }, plan, small)).toMatch(
      /^VGG16 at 224 px with Batch size 200 needs a single buffer of \d+ MB, and this GPU allows 128 MB\. The largest Batch size that fits is \d+\.$/,
    );
    expect(misfitOf(recipe, plan, { ...roomy, knownBytes: 2e9 })).toMatch(
      /needs about 2,056 MB of GPU memory, and this GPU gave no more than 1,907 MB\. The largest Batch size that fits is \d+\.$/,
    );
    expect(misfitOf(recipe, plan, { ...roomy, knownBytes: 1e9 })).toMatch(
      /Not even one image at a time fits: choose a smaller Input size\.$/,
    );
  });

  it('believes the GPU more than the estimate', () => {
    const room = { ...roomy, knownBytes: 2 ** 31 };
    const asked = refusedStep(recipe, plan, room, { askedBytes: 2 ** 27, usedBytes: 2 ** 31 });
    expect(asked).toMatch(/needs about 2,176 MB of GPU memory, and this GPU gave no more than 2,048 MB\. The largest/);
  });

  it('asks for another try where what was kept ready was in the way', () => {
    const room = { ...roomy, knownBytes: 2 ** 32 };
    const asked = refusedStep(recipe, plan, room, { askedBytes: 2 ** 27, usedBytes: 2 ** 30 });
    expect(asked).toMatch(/gave no more than 4,096 MB, part of it for what is kept ready\. Train again: /);
  });
});
