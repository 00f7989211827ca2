import { describe, expect, it } from 'vitest';
import { identifyBase, matchBase } from './identify-base';
import { configOf, entryOf, fileOf, insertAfter, layersOf, type ModelEntry } from './keras-model-test-kit';

/** Matches a changed whole VGG16 of 64 px as starting weights. */
async function matchChanged(change: (model: ModelEntry) => void): Promise<string | number> {
  const model = configOf('vgg16', 64);
  change(model);
  const file = fileOf(model, layersOf('vgg16', 64));
  return matchBase(file, identifyBase(file)).then(
    ({ weights }) => weights.length,
    (error: Error) => error.message,
  );
}

const rescaling = (scale: number, offset: number) => (model: ModelEntry) =>
  insertAfter(model, 'input_layer', { class_name: 'Rescaling', config: { name: 'rescale', scale, offset } });

describe('the base of a whole model as starting weights', () => {
  it('is found below any head, at any input', async () => {
    expect(await matchChanged(() => undefined)).toBe(26);
    expect(
      await matchChanged((model) => Object.assign(entryOf(model, 'dense_2').config, { activation: 'sigmoid' })),
    ).toBe(26);
    expect(
      await matchChanged((model) =>
        Object.assign(entryOf(model, 'input_layer').config, { batch_input_shape: [null, 64, 96, 3] }),
      ),
    ).toBe(26);
  });

  it('is refused where it computes something else', async () => {
    const tanh = (model: ModelEntry) => Object.assign(entryOf(model, 'block5_conv3').config, { activation: 'tanh' });
    expect(await matchChanged(tanh)).toContain('block5_conv3 (Conv2D) has activation tanh, expected relu');
    const average = (model: ModelEntry) =>
      Object.assign(entryOf(model, 'block1_pool'), { class_name: 'AveragePooling2D' });
    expect(await matchChanged(average)).toContain('found block1_pool (AveragePooling2D), expected block1_pool');
  });

  it('is refused where its pixels were scaled in another way than training scales them', async () => {
    expect(await matchChanged(rescaling(1 / 255, 0))).toBe(26);
    expect(await matchChanged(rescaling(1 / 127.5, -1))).toContain('scaled in another way (rescale)');
  });
});
