import { describe, expect, it, vi } from 'vitest';
import type { WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import type { KerasWeightsFile } from './keras-file';
import { matchWeights } from './match-weights';

type Layers = Record<string, Record<string, number[]>>;

/** An opened file in memory: every weight is filled with `value`. */
function fileOf(layers: Layers, value = 1): KerasWeightsFile {
  return {
    fileName: 'dropped.h5',
    layers: Object.entries(layers).map(([name, weights]) => ({
      name,
      path: [name],
      weights: Object.entries(weights).map(([weightName, shape]) => ({
        name: weightName,
        shape,
        pieces: async function* () {
          yield new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
        },
      })),
    })),
    namedBy: 'layer',
    layout: 'keras2',
    config: null,
    close: vi.fn<() => void>(),
  };
}

const spec = (layer: string, name: WeightSpec['name'], shape: number[]): WeightSpec => {
  return { layer, name, shape, trainable: true };
};

const VGG: WeightSpec[] = [
  spec('block1_conv1', 'kernel', [3, 3, 3, 4]),
  spec('block1_conv1', 'bias', [4]),
  spec('block1_conv2', 'kernel', [3, 3, 4, 4]),
  spec('block1_conv2', 'bias', [4]),
];
const VGG_LAYERS: Layers = {
  input_1: {},
  block1_conv1: { 'block1_conv1_W_1:0': [3, 3, 3, 4], 'block1_conv1_b_1:0': [4] },
  block1_conv2: { 'block1_conv2_1/bias:0': [4], 'block1_conv2_1/kernel:0': [3, 3, 4, 4] },
};

function refusal(specs: WeightSpec[], file: KerasWeightsFile, head?: 'needed' | 'ignored'): string {
  try {
    matchWeights(specs, file, 'VGG16', head);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'bad-weights') return error.message;
    throw error;
  }
  throw new Error('The match was expected to fail');
}

describe('matchWeights', () => {
  it('finds every weight, in the order of the specs, and reads it when asked', async () => {
    const file = fileOf(VGG_LAYERS, 0.5);
    const matched = matchWeights(VGG, file, 'VGG16');
    expect(matched.weights.map(({ spec }) => spec)).toEqual(VGG);
    expect(await matched.weights[1].read()).toEqual(new Float32Array(4).fill(0.5));
    expect(file.close).not.toHaveBeenCalled();
    matched.close();
    expect(file.close).toHaveBeenCalledOnce();
  });

  it('pairs InceptionV3 numbered from 1 with ours numbered from 0', async () => {
    const ours = [
      spec('conv2d', 'kernel', [1, 1, 3, 2]),
      spec('conv2d_1', 'kernel', [1, 1, 2, 5]),
      spec('batch_normalization', 'beta', [2]),
      spec('batch_normalization', 'moving_mean', [2]),
      spec('batch_normalization', 'moving_variance', [2]),
    ];
    const layers: Layers = {
      conv2d_1: { 'conv2d_1/kernel:0': [1, 1, 3, 2] },
      conv2d_2: { 'conv2d_2/kernel:0': [1, 1, 2, 5] },
      batch_normalization_1: {
        'batch_normalization_1/beta:0': [2],
        'batch_normalization_1/moving_mean:0': [2],
        'batch_normalization_1/moving_variance:0': [2],
      },
    };
    expect(matchWeights(ours, fileOf(layers), 'InceptionV3').weights).toHaveLength(5);

    const withGamma = structuredClone(layers);
    withGamma.batch_normalization_1['batch_normalization_1/gamma:0'] = [2];
    expect(refusal(ours, fileOf(withGamma))).toContain('also holds batch_normalization_1/gamma:0');
  });

  it('names every missing, differing and superfluous layer at once, and closes the file', () => {
    const file = fileOf({
      block1_conv2: { kernel: [5, 5, 4, 4] },
      conv1: { kernel: [7, 7, 3, 64] },
      conv2: { kernel: [1, 1] },
    });
    expect(refusal(VGG, file)).toBe(
      'dropped.h5 does not fit VGG16. Layers missing from the file: block1_conv1. Layers that differ: block1_conv2 ' +
        'kernel is 5x5x4x4, not 3x3x4x4; block1_conv2 has no bias. Layers that VGG16 lacks: conv1, conv2.',
    );
    expect(file.close).toHaveBeenCalledOnce();
  });

  it('finds a base in a whole model, whatever stands on it', () => {
    const top = { ...VGG_LAYERS, flatten: {}, fc1: { kernel: [4, 4] }, predictions: { kernel: [4, 1000] } };
    const ownHead = { ...VGG_LAYERS, dense: { kernel: [4, 3] }, batch_normalization: { gamma: [3], beta: [3] } };
    for (const layers of [top, ownHead]) {
      expect(matchWeights(VGG, fileOf(layers), 'VGG16', 'ignored').weights).toHaveLength(4);
      expect(refusal(VGG, fileOf(layers))).toContain('it has layers that VGG16 lacks: ');
    }
  });

  it('finds no base in a larger network', () => {
    const normalized = { block1_bn1: { gamma: [4], beta: [4] }, ...VGG_LAYERS };
    expect(refusal(VGG, fileOf(normalized), 'ignored')).toContain('VGG16 lacks: block1_bn1');
    expect(refusal(VGG, fileOf({ ...VGG_LAYERS, block1_conv3: { kernel: [1, 1, 4, 4] } }), 'ignored')).toContain(
      'VGG16 lacks: block1_conv3',
    );
  });

  it('refuses numbers that are not finite', async () => {
    const matched = matchWeights(VGG, fileOf(VGG_LAYERS, Number.NaN), 'VGG16');
    await expect(matched.weights[0].read()).rejects.toMatchObject({
      code: 'bad-weights',
      message: expect.stringMatching(/dropped\.h5.*block1_conv1 kernel/),
    });
  });
});
