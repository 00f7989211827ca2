/** @file Training steps at inputs that take a GPU played by the processor minutes: on the processor itself alone. */

import { beforeAll, describe, it } from 'vitest';
import densenet121 from '../../e2e/reference/fixtures/training-densenet121-224.jsonl?raw';
import inceptionv3 from '../../e2e/reference/fixtures/training-inceptionv3-150.jsonl?raw';
import vgg16 from '../../e2e/reference/fixtures/training-vgg16-96.jsonl?raw';
import { startKernels } from '../kernels/device-test-kit';
import { expectTrainingLikeKeras } from './keras-test-kit';

describe('training at larger inputs against Keras', () => {
  beforeAll(() => startKernels('ours'));

  it('VGG16, three steps at 96 pixels', { tags: 'long' }, () => expectTrainingLikeKeras(vgg16));
  it('InceptionV3, three steps at 150 pixels', { tags: 'long' }, () =>
    expectTrainingLikeKeras(inceptionv3, { movement: 6e-2 }),
  );
  it('DenseNet121, two steps at 224 pixels', () => expectTrainingLikeKeras(densenet121));
});
