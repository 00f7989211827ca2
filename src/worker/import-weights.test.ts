import { afterEach, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { PRETRAINED_FILES } from '../exchange/catalogue';
import type { KerasWeightsFile } from '../exchange/keras-file';
import { isOfficial } from './download-weights';
import { importWeights } from './pretrained-weights';
import { memoryStores } from './studio-test-kit';

const [VGG16] = PRETRAINED_FILES;

vi.mock('../exchange/open-keras-file', () => ({ openKerasFile: async (file: File) => vgg16Base(file.name) }));
vi.mock('./download-weights', () => ({ isOfficial: vi.fn() }));

function vgg16Base(fileName: string): KerasWeightsFile {
  const base = buildNetwork('vgg16', 64, 2).layers.filter(({ part }) => part === 'base');
  const layers = base.map(({ name, weights }) => ({
    name,
    path: [name],
    weights: weights.map((weight) => ({ name: weight.name, shape: weight.shape, pieces: async function* () {} })),
  }));
  return { fileName, layers, namedBy: 'layer', layout: 'keras2', config: null, close: () => undefined };
}

afterEach(() => vi.resetAllMocks());

it.each([
  ['Keras’ own under another name', 'vgg16 (1).h5', true],
  ['an own file under Keras’ name', VGG16.fileName, false],
])('notes by its bytes what a file is: %s', async (_what, name, official) => {
  const { pretrained } = memoryStores().stores;
  const save = vi.spyOn(pretrained, 'save');
  vi.mocked(isOfficial).mockResolvedValue(official);
  const file = new File([], name);
  await importWeights(pretrained, file);
  expect(isOfficial).toHaveBeenCalledWith(file, VGG16);
  expect(save).toHaveBeenCalledExactlyOnceWith(VGG16.fileName, file, official);
});

it('leaves it to saving to say that a file cannot be read', async () => {
  const { pretrained } = memoryStores().stores;
  const save = vi.spyOn(pretrained, 'save');
  vi.mocked(isOfficial).mockRejectedValue(new DOMException('Gone', 'NotReadableError'));
  await importWeights(pretrained, new File([], 'mine.h5'));
  expect(save).toHaveBeenCalledOnce();
});
