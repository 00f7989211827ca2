import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../domain/failure';
import { PRETRAINED_FILES } from '../exchange/catalogue';
import { listWeights } from '../exchange/pretrained-weights';
import { StudioHandler } from './studio-handler';
import type { StudioStores } from './studio-stores';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

const [VGG16] = PRETRAINED_FILES;

function handlerOn(stores: StudioStores): StudioHandler {
  return new StudioHandler(
    async () => studioDevice,
    async () => stores,
    pixels,
    noFiles,
  );
}

it('keeps a weights file that a run has still to read, and removes it afterwards', async () => {
  await tf.setBackend('cpu');
  const { stores } = memoryStores();
  let deliver: (file: File | null) => void = () => undefined;
  const opened = new Promise<File | null>((resolve) => {
    deliver = resolve;
  });
  const remove = vi.fn(async () => undefined);
  const whileKept = vi.spyOn(stores.pretrained, 'whileKept');
  Object.assign(stores.pretrained, { open: () => opened, remove });
  const handler = handlerOn(stores);

  const running = handler.startRun(request({ network: 'vgg16', inputSize: 32 }), () => undefined);
  expect(await handler.removeWeights('vgg16')).toMatchObject({
    failure: { code: 'busy', sentence: expect.stringMatching(/^VGG16 is being prepared and starts from this file/) },
  });
  expect(remove).not.toHaveBeenCalled();
  expect(unwrap(await handler.removeWeights('inceptionv3'))).toMatchObject({ present: false });
  deliver(null);
  expect(await running).toMatchObject({ failure: { code: 'missing-weights' } });
  // The lock also kept other tabs from removing it.
  expect(whileKept).toHaveBeenCalledExactlyOnceWith(VGG16.fileName, expect.any(Function));
  expect(unwrap(await handler.removeWeights('vgg16'))).toMatchObject({ network: 'vgg16', present: false });
  expect(remove).toHaveBeenCalledTimes(2);
});

it('keeps an own file while the download of its network goes, and removes it afterwards', async () => {
  const { stores } = memoryStores();
  let endDownload: (file: File | null) => void = () => undefined;
  const downloaded = new Promise<File | null>((resolve) => {
    endDownload = resolve;
  });
  const remove = vi.fn(async () => undefined);
  Object.assign(stores.pretrained, { openDownload: () => downloaded, remove });
  const handler = handlerOn(stores);

  const downloading = handler.downloadWeights('vgg16', () => undefined);
  expect(await handler.removeWeights('vgg16')).toMatchObject({
    failure: { code: 'busy', sentence: expect.stringMatching(/^Keras’ weights of VGG16 are being downloaded/) },
  });
  expect(remove).not.toHaveBeenCalled();
  expect(unwrap(await handler.removeWeights('inceptionv3'))).toMatchObject({ present: false });
  // Longer than Keras' file: the download fails.
  endDownload(Object.defineProperty(new File([], 'long'), 'size', { value: VGG16.sizeBytes + 1 }));
  expect(await downloading).toMatchObject({ failure: { code: 'bad-weights' } });
  expect(unwrap(await handler.removeWeights('vgg16'))).toMatchObject({ network: 'vgg16', present: false });
});

it('recognises Keras’ file by its length in older entries, and lists a kept file that nothing reads', async () => {
  const { pretrained } = memoryStores().stores;
  const keep = (name: string | null, official: boolean | null) =>
    Object.assign(pretrained, { describe: async () => ({ name, sizeBytes: VGG16.sizeBytes, official }) });
  const { sizeBytes } = VGG16;
  keep(null, null);
  const [vgg16, inceptionv3, densenet121] = await listWeights(pretrained);
  expect(vgg16).toMatchObject({ present: true, kept: { name: VGG16.fileName, sizeBytes, official: true } });
  expect(inceptionv3.kept).toEqual({ name: null, sizeBytes, official: false });
  expect(densenet121).toMatchObject({ network: 'densenet121', present: true });
  keep('vgg16 (1).h5', null);
  expect((await listWeights(pretrained))[0].kept).toEqual({ name: 'vgg16 (1).h5', sizeBytes, official: true });
  keep(VGG16.fileName, false);
  expect((await listWeights(pretrained))[0].kept).toEqual({ name: VGG16.fileName, sizeBytes, official: false });
});
