import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { NETWORK_IDS, type NetworkId } from '../domain/network';
import type { KerasWeightsFile } from './keras-file';
import type { ModelReading } from './model-reading';
import { matchModel, readModel } from './read-model';

/** The weights of a network alone, as `save_weights` leaves them: nothing else is stated. */
function weightsOnly(id: NetworkId, inputSize: number): KerasWeightsFile {
  const layers = buildNetwork(id, inputSize, 3).layers.map(({ name, weights }) => ({
    name,
    weights: weights.map(({ name: weight, shape }) => ({
      name: `${name}/${weight}:0`,
      shape,
      pieces: async function* () {},
    })),
  }));
  return { fileName: 'trained.weights.h5', layers, namedBy: 'layer', config: null, close: () => undefined };
}

const SIZES: [NetworkId, number, ModelReading['inputSize']][] = [
  ['baseline', 48, { kind: 'stated', size: 48 }],
  ['vgg16', 48, { kind: 'asked', min: 32, max: 63 }],
  ['vgg16', 224, { kind: 'asked', min: 224, max: 255 }],
  ['inceptionv3', 299, { kind: 'asked', min: 299, max: 330 }],
  ['densenet121', 64, { kind: 'asked', min: 32, max: 1024 }],
];

describe('a file of weights alone', () => {
  it.each(SIZES)('leaves the input size open where several fit: %s at %i', async (id, size, expected) => {
    const file = weightsOnly(id, size);
    const reading = await readModel(file);
    expect(reading).toMatchObject({ network: id, classCount: 3, inputSize: expected });
    expect(matchModel(file, reading, size).weights).not.toHaveLength(0);
  });

  it.each(NETWORK_IDS)('states no scaling of its input: %s', async (id) => {
    const reading = await readModel(weightsOnly(id, 96));
    expect(reading.inputScaling).toEqual({ kind: 'assumed', scaling: { scale: [1 / 255], offset: [0] } });
  });
});
