import { describe, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { misfitOf } from '../architectures/memory-fit';
import { epochOperations, operationsOf } from '../architectures/operations';
import { planTraining } from '../architectures/plan';
import type { DeviceCapacity } from '../domain/device';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { type EstimateBasis, estimateRun } from './estimate-run';
import { closestRate, type MeasuredRate } from './measured-rates';

// Still computed, and counted.
vi.mock('../architectures/memory-estimate', { spy: true });

const recipe = notebookRecipe('vgg16');
const plan = planTraining(buildNetwork('vgg16', 224, 3));
const ample: DeviceCapacity = { kind: 'webgpu', bufferBytes: 2 ** 31, limitBytes: null, knownBytes: null };
const rate = (change: Partial<Omit<MeasuredRate, 'recipe'>> & Partial<MeasuredRate['recipe']>): MeasuredRate => {
  const { network = 'vgg16', inputSize = 224, batchSize = 32, ...rest } = change;
  return { recipe: { network, inputSize, batchSize }, gpu: 'here', createdAt: 1, gflops: 1, ...rest };
};
const basis: EstimateBasis = {
  classCount: 3,
  counts: { train: 339, validation: 42 },
  gpu: 'here',
  capacity: ample,
  rates: [],
  productGflops: 1000,
};

const estimateOf = (asked: Recipe, on: EstimateBasis) => estimateRun(asked, on, async () => undefined);

describe('time', () => {
  // A step of 32 images: 1,715 billion operations (cost.test.ts), a forward pass of one: 30.9 billion.
  const operations = epochOperations(operationsOf(plan, recipe.optimizer), { train: 339, validation: 42 });

  it('comes from the operations of training and validation', async () => {
    expect(operations / 1e9).toBeCloseTo((339 / 32) * 1715.4 + 42 * 30.9, -2);
    const { time } = await estimateOf(recipe, { ...basis, rates: [rate({ gflops: 500 })] });
    expect(time).toMatchObject({ gflops: 500, basis: { kind: 'epoch', inputSize: 224, batchSize: 32 } });
    expect(time?.epochMs).toBeCloseTo(operations / 500e6, 6);
  });

  it('is a share of a matrix product where nothing was measured, and nothing where that cannot be had', async () => {
    const elsewhere = [rate({ gpu: 'elsewhere' }), rate({ network: 'baseline' })];
    const { time } = await estimateOf(recipe, { ...basis, rates: elsewhere });
    expect(time).toMatchObject({ gflops: 300, basis: { kind: 'product', productGflops: 1000, share: 0.3 } });
    expect((await estimateOf(recipe, { ...basis, productGflops: null })).time).toBeNull();
    expect((await estimateOf(recipe, { ...basis, counts: null })).time).toBeNull();
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
  it('is what a training step needs, with what would fit where it does not', async () => {
    const { memoryBytes, misfit } = await estimateOf(recipe, basis);
    expect(memoryBytes).toBe(
      estimateTrainingMemory({ plan, optimizer: recipe.optimizer, frozenBatchNorm: 'loaded' }, 32).totalBytes,
    );
    expect(misfit).toBeNull();
    const tight = { ...ample, knownBytes: 2e9 };
    const refused = await estimateOf(recipe, { ...basis, capacity: tight });
    expect(refused.misfit).toBe(misfitOf(recipe, plan, tight));
    expect(refused.misfit).toMatch(/The largest Batch size that fits is \d+\.$/);
  });

  it('is that of the device', async () => {
    const processor: DeviceCapacity = { ...ample, kind: 'processor', limitBytes: 2 ** 31 };
    const estimate = await estimateOf(recipe, { ...basis, capacity: processor });
    expect(estimate).toMatchObject({ device: 'processor', misfit: misfitOf(recipe, plan, processor) });
    expect(estimate.misfit).toMatch(/^VGG16 .* and the processor device has no more than 2,048 MB\./);
  });

  it('is searched for with a pause before each estimate of a size or batch, also where a recipe is far too large', async () => {
    const processor: DeviceCapacity = {
      ...ample,
      kind: 'processor',
      bufferBytes: 2 ** 32,
      limitBytes: 2 ** 32 - 2 ** 16,
    };
    const large: Recipe = { ...notebookRecipe('inceptionv3'), inputSize: 900, batchSize: 512 };
    const countEstimates = () => vi.mocked(estimateTrainingMemory).mock.calls.length;
    const before = countEstimates();
    const betweenPauses: number[] = [];
    let atPause = before;
    const { misfit } = await estimateRun(large, { ...basis, capacity: processor }, async () => {
      betweenPauses.push(countEstimates() - atPause);
      atPause = countEstimates();
    });
    expect(misfit).toMatch(/choose a smaller Input size\. With Batch size 512 the largest that fits is \d+\.$/);
    // The recipe's own, for its figure and for the verdict; then one a step. Halving 825 sizes takes ten.
    expect(betweenPauses[0]).toBe(2);
    expect(Math.max(...betweenPauses.slice(1), countEstimates() - atPause)).toBe(1);
    expect(countEstimates() - before).toBeLessThanOrEqual(2 + 1 + 11);
  });
});
