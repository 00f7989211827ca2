import { describe, expect, it } from 'vitest';
import { alignLayers, parseWeightName } from './keras-weight-name';

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

describe('alignLayers', () => {
  it('pairs auto-numbered layers by rank and others by name', () => {
    const ours = ['conv2d', 'batch_normalization', 'conv2d_2', 'conv2d_1', 'predictions'];
    const theirs = ['conv2d_10', 'conv2d_9', 'batch_normalization_1', 'conv2d_8', 'predictions'];
    expect(Object.fromEntries(alignLayers(ours, theirs))).toEqual({
      conv2d: 'conv2d_8',
      conv2d_1: 'conv2d_9',
      conv2d_2: 'conv2d_10',
      batch_normalization: 'batch_normalization_1',
      predictions: 'predictions',
    });
  });

  it('leaves out what has no partner', () => {
    expect([...alignLayers(['conv2d', 'conv2d_1', 'block1_conv1'], ['conv2d_5'])]).toEqual([['conv2d', 'conv2d_5']]);
  });
});
