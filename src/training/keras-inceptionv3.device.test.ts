import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { beforeAll, describe, it } from 'vitest';
import inference from '../../e2e/reference/fixtures/forward-inceptionv3-75-inference.jsonl?raw';
import trainingMode from '../../e2e/reference/fixtures/forward-inceptionv3-75-training.jsonl?raw';
import full from '../../e2e/reference/fixtures/forward-inceptionv3-299.jsonl?raw';
import training from '../../e2e/reference/fixtures/training-inceptionv3-75.jsonl?raw';
import frozenBatch from '../../e2e/reference/fixtures/training-inceptionv3-75-frozen-batch.jsonl?raw';
import keras23 from '../../e2e/reference/fixtures/training-inceptionv3-75-keras23.jsonl?raw';
import trainingSeed2 from '../../e2e/reference/fixtures/training-inceptionv3-75-seed2.jsonl?raw';
import { ASKED_KERNELS, DEVICE, LONG_ON_WEBGPU, secondSeed, startKernels } from '../kernels/device-test-kit';
import { expectFullSizeLikeKeras, expectLayersLikeKeras, expectTrainingLikeKeras } from './keras-test-kit';

describe('InceptionV3 against Keras', () => {
  beforeAll(() => startKernels(ASKED_KERNELS));

  it('every layer at 75 pixels, inference mode', LONG_ON_WEBGPU, () => expectLayersLikeKeras(inference, 'inference'));
  it('every layer at 75 pixels, training mode', LONG_ON_WEBGPU, () => expectLayersLikeKeras(trainingMode, 'training'));
  // Adam's first steps follow the sign of each gradient: one within rounding of zero moves its weight the other way.
  it('five steps of Adam at 75 pixels, frozen up to mixed7', LONG_ON_WEBGPU, () =>
    expectTrainingLikeKeras(training, { movement: 6e-2 }),
  );
  it.each(secondSeed(trainingSeed2))('the same at a second seed', { tags: 'long' }, (text) =>
    expectTrainingLikeKeras(text, { movement: 6e-2 }),
  );
  it('three steps with the batch’s statistics in frozen BatchNorm, which keeps its own', LONG_ON_WEBGPU, () =>
    expectTrainingLikeKeras(frozenBatch, { movement: 6e-2 }),
  );
  it('a step as the notebook’s Keras 2.3.1 computed it', LONG_ON_WEBGPU, () => expectTrainingLikeKeras(keras23));
  it('last feature map and logits at 299 pixels', { tags: 'long' }, async () => {
    // SwiftShader cannot allocate the gigabyte of the first dense kernel, although its limits say so.
    await expectFullSizeLikeKeras(full, (await canAllocate(2 ** 30)) ? 'whole' : 'base');
  });
});

async function canAllocate(size: number): Promise<boolean> {
  if (DEVICE === 'processor') return true;
  const { device } = tf.backend() as WebGPUBackend;
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }).destroy();
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  return errors.every((error) => error === null);
}
