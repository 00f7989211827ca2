import { beforeAll, describe, it } from 'vitest';
import inference from '../../e2e/reference/fixtures/forward-densenet121-64-inference.jsonl?raw';
import trainingMode from '../../e2e/reference/fixtures/forward-densenet121-64-training.jsonl?raw';
import full from '../../e2e/reference/fixtures/forward-densenet121-224.jsonl?raw';
import training from '../../e2e/reference/fixtures/training-densenet121-64.jsonl?raw';
import initial from '../../e2e/reference/fixtures/training-densenet121-64-initial.jsonl?raw';
import initialSeed2 from '../../e2e/reference/fixtures/training-densenet121-64-initial-seed2.jsonl?raw';
import trainingSeed2 from '../../e2e/reference/fixtures/training-densenet121-64-seed2.jsonl?raw';
import { ASKED_KERNELS, bySeed, LONG_ON_WEBGPU, startKernels } from '../kernels/device-test-kit';
import { expectFullSizeLikeKeras, expectLayersLikeKeras, expectTrainingLikeKeras } from './keras-test-kit';

describe('DenseNet121 against Keras', () => {
  beforeAll(() => startKernels(ASKED_KERNELS));

  it('every layer at 64 pixels, inference mode', () => expectLayersLikeKeras(inference, 'inference'));
  it('every layer at 64 pixels, training mode', LONG_ON_WEBGPU, () => expectLayersLikeKeras(trainingMode, 'training'));
  it.each(bySeed(training, trainingSeed2))('five steps of SGD at 64 pixels, %s seed', LONG_ON_WEBGPU, (_seed, text) =>
    expectTrainingLikeKeras(text, { movement: 6e-2 }),
  );
  // Chaos, not a defect: float64 Keras parts from itself the same way when its weights are nudged by half a float32 step.
  it.each(bySeed(initial, initialSeed2))(
    'the same from initial weights, where rounding is amplified, %s seed',
    LONG_ON_WEBGPU,
    (_seed, text) => expectTrainingLikeKeras(text, { steps: 3, gradient: 6e-2, chaotic: true }),
  );
  it('last feature map and logits at 224 pixels', LONG_ON_WEBGPU, () => expectFullSizeLikeKeras(full));
});
