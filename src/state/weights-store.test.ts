import { expect, it, vi } from 'vitest';
import type { Reply } from '../domain/failure';
import type { WeightsStatus } from '../domain/protocol';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { createWeightsStore } from './weights-store';

const MISSING: WeightsStatus = { network: 'vgg16', fileName: 'vgg16_notop.h5', url: '', present: false };
const KEPT: WeightsStatus = { ...MISSING, present: true, kept: { name: 'my-vgg.h5', sizeBytes: 7, official: false } };
const ok = <T>(value: T): Reply<T> => ({ ok: true, value });
const refusal = (sentence: string): Reply<never> => ({ ok: false, failure: { code: 'busy', sentence, cause: null } });

function weights(waiting: Recipe[] = []) {
  const here = { status: MISSING };
  const removeWeights = vi.fn(async (): Promise<Reply<WeightsStatus>> => {
    here.status = MISSING;
    return ok(MISSING);
  });
  const listWeights = vi.fn(async (): Promise<Reply<WeightsStatus[]>> => ok([here.status]));
  const importWeights = async () => {
    here.status = KEPT;
    return ok(KEPT);
  };
  const api = { listWeights, importWeights, downloadWeights: async () => ok(KEPT), removeWeights };
  const store = createWeightsStore(api, () => waiting);
  const importFile = () => store.getState().importFiles([new File([], 'my-vgg.h5')]);
  return { store, listWeights, removeWeights, importFile };
}

it('removes a kept file, and with it the sentence of its import', async () => {
  const { store, importFile } = weights();
  await importFile();
  expect(store.getState()).toMatchObject({ statuses: [KEPT], outcomes: [{ ok: true }] });
  await store.getState().remove('vgg16');
  expect(store.getState()).toMatchObject({ statuses: [MISSING], outcomes: [] });
  expect(store.getState().removeFailures.vgg16).toBeUndefined();
});

it('keeps a file that a waiting run starts from, and says so', async () => {
  const { store, removeWeights, importFile } = weights([notebookRecipe('baseline'), notebookRecipe('vgg16')]);
  await importFile();
  await store.getState().remove('vgg16');
  expect(removeWeights).not.toHaveBeenCalled();
  expect(store.getState().statuses).toEqual([KEPT]);
  expect(store.getState().removeFailures.vgg16).toMatch(/^VGG16 waits in the queue and starts from this file\./);
  store.getState().dismissRemoveFailure('vgg16');
  expect(store.getState().removeFailures.vgg16).toBeUndefined();
});

it('removes a file although a run of its network waits that starts at random', async () => {
  const { store, removeWeights, importFile } = weights([{ ...notebookRecipe('vgg16'), startFromRandomWeights: true }]);
  await importFile();
  await store.getState().remove('vgg16');
  expect(removeWeights).toHaveBeenCalledWith('vgg16');
});

it('shows why the worker refused, until it works', async () => {
  const { store, removeWeights, importFile } = weights();
  await importFile();
  removeWeights.mockResolvedValueOnce(refusal('It is being read.'));
  await store.getState().remove('vgg16');
  expect(store.getState()).toMatchObject({ removeFailures: { vgg16: 'It is being read.' }, statuses: [KEPT] });
  await store.getState().remove('vgg16');
  expect(store.getState().removeFailures.vgg16).toBeUndefined();
});

it('says why the kept files cannot be listed', async () => {
  const { store, listWeights } = weights();
  listWeights.mockResolvedValueOnce(refusal('The browser refused.'));
  await store.getState().load();
  expect(store.getState()).toMatchObject({ statuses: null, loadFailure: 'The browser refused.' });
  await store.getState().load();
  expect(store.getState().loadFailure).toBeNull();
});
