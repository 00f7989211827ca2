import { beforeAll, describe, it } from 'vitest';
import inference from '../../e2e/reference/fixtures/forward-vgg16-32-inference.jsonl?raw';
import full from '../../e2e/reference/fixtures/forward-vgg16-224.jsonl?raw';
import training from '../../e2e/reference/fixtures/training-vgg16-32.jsonl?raw';
import trainingSeed2 from '../../e2e/reference/fixtures/training-vgg16-32-seed2.jsonl?raw';
import { ASKED_KERNELS, LONG_ON_WEBGPU, secondSeed, startKernels } from '../kernels/device-test-kit';
import { expectFullSizeLikeKeras, expectLayersLikeKeras, expectTrainingLikeKeras } from './keras-test-kit';

describe('VGG16 against Keras', () => {
  beforeAll(() => startKernels(ASKED_KERNELS));

  it('every layer at 32 pixels', LONG_ON_WEBGPU, () => expectLayersLikeKeras(inference, 'inference'));
  it('five steps of Adam at 32 pixels, blocks 1 to 3 frozen', LONG_ON_WEBGPU, () => expectTrainingLikeKeras(training));
  it.each(secondSeed(trainingSeed2))('the same at a second seed', { tags: 'long' }, (text) =>
    expectTrainingLikeKeras(text),
  );
  it('last feature map and logits at 224 pixels', LONG_ON_WEBGPU, () => expectFullSizeLikeKeras(full));
});
