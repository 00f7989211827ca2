import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../domain/failure';
import { PRETRAINED_FILES } from '../weights/catalogue';
import { unwatchedGpu } from './gpu';
import { listWeights } from './pretrained-weights';
import { StudioHandler } from './studio-handler';
import { memoryStores, pixels, request } from './studio-test-kit';

const [VGG16] = PRETRAINED_FILES;

it('keeps a weights file that a run has still to read, and lets it go afterwards', async () => {
  await tf.setBackend('cpu');
  const { stores } = memoryStores();
  let deliver: (file: File | null) => void = () => undefined;
  const opened = new Promise<File | null>((resolve) => {
    deliver = resolve;
  });
  const remove = vi.fn(async () => undefined);
  Object.assign(stores.pretrained, { open: () => opened, remove });
  const gpu = unwatchedGpu({ backend: 'cpu', adapter: 'Test', software: true, advice: null });
  const handler = new StudioHandler(
    async () => gpu,
    async () => stores,
    pixels,
  );

  const running = handler.startRun(request({ network: 'vgg16', inputSize: 32 }), () => undefined);
  expect(await handler.removeWeights('vgg16')).toMatchObject({
    failure: { code: 'busy', sentence: expect.stringMatching(/^VGG16 is being prepared and starts from this file/) },
  });
  expect(remove).not.toHaveBeenCalled();
  expect(unwrap(await handler.removeWeights('inceptionv3'))).toMatchObject({ present: false });
  deliver(null);
  await running;
  expect(unwrap(await handler.removeWeights('vgg16'))).toMatchObject({ network: 'vgg16', present: false });
  expect(remove).toHaveBeenCalledTimes(2);
});

it('tells the name of a file kept before names were by its length alone, and lists one that nothing reads', async () => {
  const { pretrained } = memoryStores().stores;
  const keep = (name: string | null, sizeBytes: number) =>
    Object.assign(pretrained, { describe: async () => ({ name, sizeBytes }) });
  keep(null, VGG16.sizeBytes);
  const [vgg16, inceptionv3, densenet121] = await listWeights(pretrained);
  expect(vgg16).toMatchObject({ present: true, kept: { name: VGG16.fileName, sizeBytes: VGG16.sizeBytes } });
  expect(inceptionv3.kept).toEqual({ name: null, sizeBytes: VGG16.sizeBytes });
  expect(densenet121).toMatchObject({ network: 'densenet121', present: true });
  keep('mine.h5', VGG16.sizeBytes);
  expect((await listWeights(pretrained))[0].kept?.name).toBe('mine.h5');
});
