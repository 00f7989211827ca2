import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { InputScaling } from '../domain/input-scaling';
import { kerasModelOf } from './keras-config';
import type { KerasLayer } from './keras-file';
import { configOf, fileOf, insertAfter, type LayerEntry, layersOf, weightOf } from './keras-model-test-kit';
import { matchModel, readModel } from './read-model';

describe('layers in front of a model', () => {
  const rescaling = (scale: unknown, offset: unknown): LayerEntry => ({
    class_name: 'Rescaling',
    config: { name: `rescaling_${String(scale)}`, scale, offset },
  });
  const normalization = (settings: Record<string, unknown>): LayerEntry => ({
    class_name: 'Normalization',
    config: { name: 'normalization', axis: [-1], ...settings },
  });

  async function scalingOf(front: LayerEntry[], more: KerasLayer[] = []) {
    const model = configOf('baseline', 20);
    for (const entry of front.toReversed()) insertAfter(model, 'input_layer', entry);
    return (await readModel(fileOf(model, [...layersOf('baseline', 20), ...more]))).inputScaling;
  }

  it('that only augment leave the scaling open', async () => {
    const flip = { class_name: 'RandomFlip', config: { name: 'random_flip' } };
    expect((await scalingOf([flip])).kind).toBe('assumed');
  });

  it('that scale become the scaling, one after another', async () => {
    expect(await scalingOf([rescaling(1 / 255, 0)])).toEqual({
      kind: 'stated',
      scaling: { scale: [1 / 255], offset: [0] },
    });
    const { scaling } = await scalingOf([rescaling(0.25, 1), rescaling([2, 3, 4], -1)]);
    expect(scaling).toEqual({ scale: [0.5, 0.75, 1], offset: [1, 2, 3] });
  });

  it.each<InputScaling>([
    { scale: [1 / 127.5], offset: [-1] },
    { scale: [1], offset: [0] },
    { scale: [0.5, 0.25, 0.125], offset: [1, 2, 3] },
  ])('come back from an exported file: $scale, $offset', async (scaling) => {
    const { config } = kerasModelOf(buildNetwork('baseline', 20, 3), scaling);
    const file = fileOf(JSON.parse(JSON.stringify(config)), layersOf('baseline', 20));
    const reading = await readModel(file);
    expect(reading.inputScaling.kind).toBe('stated');
    for (const key of ['scale', 'offset'] as const) {
      const [found, expected] = [reading.inputScaling.scaling[key], scaling[key]];
      expect(found).toHaveLength(expected.length);
      for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
    }
    expect(matchModel(file, reading, 20).weights).toHaveLength(4);
  });

  it.each<[string, LayerEntry, string]>([
    ['rescale', rescaling(2, -1), 'rescaling_2 (Rescaling) would make -1 to 509 of pixels 0 to 255'],
    [
      'normalise',
      normalization({ mean: [0.5, 0.5, 0.5], variance: [0.0625, 0.0625, 0.0625] }),
      'normalization (Normalization) would make -2 to 1018 of pixels 0 to 255',
    ],
  ])('are refused where they %s pixels that were divided by 255 before', async (_what, entry, sentence) => {
    await expect(scalingOf([entry])).rejects.toThrow(sentence);
  });

  it('are not written for pixels divided by 255', () => {
    const { layers } = kerasModelOf(buildNetwork('baseline', 20, 3), {
      scale: [1 / 255, 1 / 255, 1 / 255],
      offset: [0],
    });
    expect(layers).toHaveLength(4);
  });

  it('that normalise give their numbers, from the configuration or from the file', async () => {
    const expected = { kind: 'stated', scaling: { scale: [0.5, 0.25, 1], offset: [-5, -5, -30] } };
    expect(await scalingOf([normalization({ mean: [10, 20, 30], variance: [4, 16, 1] })])).toEqual(expected);
    const weight = (name: string, values: number[]) => ({
      ...weightOf(name, [3], 0),
      pieces: async function* () {
        yield Float32Array.from(values);
      },
    });
    const adapted = {
      name: 'normalization',
      path: ['normalization'],
      weights: [
        weight('normalization/mean:0', [10, 20, 30]),
        weight('normalization/variance:0', [4, 16, 1]),
        weightOf('normalization/count:0', [], 0),
      ],
    };
    expect(await scalingOf([normalization({ mean: null, variance: null })], [adapted])).toEqual(expected);
    await expect(scalingOf([normalization({})])).rejects.toThrow(
      'normalization (Normalization) has no mean and variance',
    );
  });
});
