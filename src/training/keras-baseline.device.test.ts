import { beforeAll, describe, it } from 'vitest';
import inference from '../../e2e/reference/fixtures/forward-baseline-32-inference.jsonl?raw';
import full from '../../e2e/reference/fixtures/forward-baseline-224.jsonl?raw';
import training from '../../e2e/reference/fixtures/training-baseline-32.jsonl?raw';
import trainingSeed2 from '../../e2e/reference/fixtures/training-baseline-32-seed2.jsonl?raw';
import { type Kernels, ON_THREADS, startKernels } from '../kernels/device-test-kit';
import { expectFullSizeLikeKeras, expectLayersLikeKeras, expectTrainingLikeKeras } from './keras-test-kit';

describe('the baseline against Keras, our kernels', () => compareWithKeras('ours'));
// The library's own kernels know no threads.
if (!ON_THREADS) {
  describe('the baseline against Keras, stock kernels', { tags: 'long' }, () => compareWithKeras('stock'));
}

function compareWithKeras(kernels: Kernels): void {
  beforeAll(() => startKernels(kernels));

  it('every layer at 32 pixels', () => expectLayersLikeKeras(inference, 'inference'));
  it('last feature map and logits at 224 pixels', () => expectFullSizeLikeKeras(full));
  it.each([
    ['first', training],
    ['second', trainingSeed2],
  ])('five steps of Adam at 32 pixels, %s seed', (_seed, text) => expectTrainingLikeKeras(text));
}
