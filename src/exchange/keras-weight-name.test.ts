import { describe, expect, it } from 'vitest';
import { parseWeightName } from './keras-weight-name';

describe('parseWeightName', () => {
  it.each([
    ['block1_conv1/kernel:0', 'kernel'],
    ['block1_conv1_1/kernel:0', 'kernel'],
    ['model/block1_conv1/bias', 'bias'],
    ['block1_conv1_W_1:0', 'kernel'],
    ['block1_conv1_b_1:0', 'bias'],
    ['convolution2d_1_W', 'kernel'],
    ['batch_normalization_12/moving_variance:0', 'moving_variance'],
    ['batch_normalization/gamma', 'gamma'],
    ['bn_beta:0', 'beta'],
    ['bn_running_mean', 'moving_mean'],
    ['bn_running_std_3:0', 'moving_variance'],
    ['separable/depthwise_kernel:0', null],
    ['embeddings:0', null],
    ['', null],
  ])('%s is %s', (name, meaning) => expect(parseWeightName(name)).toBe(meaning));
});
