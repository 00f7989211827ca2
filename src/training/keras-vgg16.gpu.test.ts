import { afterAll, beforeAll, describe, it } from 'vitest';
import inference from '../../e2e/reference/fixtures/forward-vgg16-32-inference.jsonl?raw';
import full from '../../e2e/reference/fixtures/forward-vgg16-224.jsonl?raw';
import training from '../../e2e/reference/fixtures/training-vgg16-32.jsonl?raw';
import trainingSeed2 from '../../e2e/reference/fixtures/training-vgg16-32-seed2.jsonl?raw';
import { unregisterKernels } from '../kernels/webgpu/register';
import { ASKED_KERNELS, startKernels } from '../kernels/webgpu/tested-kernels-test-kit';
import { expectFullSizeLikeKeras, expectLayersLikeKeras, expectTrainingLikeKeras } from './keras-test-kit';

describe('VGG16 against Keras', () => {
  beforeAll(() => startKernels(ASKED_KERNELS));
  afterAll(() => unregisterKernels());

  it('every layer at 32 pixels', () => expectLayersLikeKeras(inference, 'inference'));
  it.each([
    ['first', training],
    ['second', trainingSeed2],
  ])('five steps of Adam at 32 pixels, blocks 1 to 3 frozen, %s seed', { tags: 'long' }, (_seed, text) =>
    expectTrainingLikeKeras(text),
  );
  it('last feature map and logits at 224 pixels', { tags: 'long' }, () => expectFullSizeLikeKeras(full));
});
