import { afterEach, expect, it, vi } from 'vitest';
import { StudioError } from '../domain/failure';
import { PRETRAINED_FILES } from '../exchange/catalogue';
import { isOfficial } from '../exchange/download-weights';
import { importWeights } from '../exchange/pretrained-weights';
import { fakeFiles, memoryStores } from './studio-test-kit';

const [VGG16] = PRETRAINED_FILES;

vi.mock('../exchange/download-weights', () => ({ isOfficial: vi.fn() }));

const vgg16Base = fakeFiles({ identifyBase: async () => 'vgg16', readWeights: async function* () {} });

afterEach(() => vi.resetAllMocks());

it.each([
  ['Keras’ own under another name', 'vgg16 (1).h5', true],
  ['an own file under Keras’ name', VGG16.fileName, false],
])('notes by its bytes what a file is: %s', async (_what, name, official) => {
  const { pretrained } = memoryStores().stores;
  const save = vi.spyOn(pretrained, 'save');
  vi.mocked(isOfficial).mockResolvedValue(official);
  const file = new File([], name);
  await importWeights(pretrained, file, vgg16Base);
  expect(isOfficial).toHaveBeenCalledWith(file, VGG16);
  expect(save).toHaveBeenCalledExactlyOnceWith(VGG16.fileName, file, official);
});

it('reports a file that cannot be read when it is saved', async () => {
  const { pretrained } = memoryStores().stores;
  const save = vi.spyOn(pretrained, 'save');
  vi.mocked(isOfficial).mockRejectedValue(new DOMException('Gone', 'NotReadableError'));
  await importWeights(pretrained, new File([], 'mine.h5'), vgg16Base);
  expect(save).toHaveBeenCalledOnce();
});

it('reads all numbers before it keeps a file: damage in them is found now, and what was kept is kept', async () => {
  const { pretrained } = memoryStores().stores;
  const save = vi.spyOn(pretrained, 'save');
  const damaged = fakeFiles({
    identifyBase: async () => 'vgg16',
    readWeights: async function* () {
      yield new Float32Array(4);
      throw new StudioError('bad-weights', 'mine.h5 is damaged.');
    },
  });
  await expect(importWeights(pretrained, new File([], 'mine.h5'), damaged)).rejects.toThrow('mine.h5 is damaged.');
  expect(save).not.toHaveBeenCalled();
});
