import { expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import { DatasetHandler } from './dataset-handler';

const newHandler = () => new DatasetHandler({ openRoot: () => Promise.reject(new Error('not used')) });
const GONE = { ok: false, failure: { code: 'not-found' } };

/** Opens small datasets of these names, one after another. */
async function open(handler: DatasetHandler, ...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const files = ['A', 'B'].map((className) => ({
      path: `${className}/${name}.png`,
      file: new File(['x'], `${name}.png`),
    }));
    ids.push(unwrap(await handler.openDataset({ kind: 'files', name, files }, () => undefined)).id);
  }
  return ids;
}

it('lets go the dataset longest unused', async () => {
  const handler = newHandler();
  const [used] = await open(handler, 'used');
  const others: string[] = [];
  for (const name of ['one', 'two', 'three', 'four']) {
    others.push(...(await open(handler, name)));
    expect(await handler.listImages(used)).toMatchObject({ ok: true });
  }
  expect(await handler.listImages(others[0])).toMatchObject(GONE);
  expect(await handler.listImages(others[3])).toMatchObject({ ok: true });
});

it('keeps a dataset that a run holds, however many others are opened and however long it reads nothing', async () => {
  const handler = newHandler();
  const others = ['one', 'two', 'three', 'four', 'five', 'six'];
  const [held] = await open(handler, 'held');
  unwrap(await handler.holdDataset(held, 'run-1'));
  unwrap(await handler.holdDataset(held, 'run-2'));
  await open(handler, ...others);
  expect(unwrap(await handler.listImages(held))).toHaveLength(2);

  await handler.releaseDataset(held, 'run-1');
  await open(handler, ...others);
  expect(unwrap(await handler.listImages(held))).toHaveLength(2);

  await handler.releaseDataset(held, 'run-2');
  await open(handler, ...others);
  expect(await handler.listImages(held)).toMatchObject(GONE);
  expect(await handler.holdDataset(held, 'run-3')).toMatchObject(GONE);
});

it('lets go what a worker held that was started again', async () => {
  const handler = newHandler();
  const [held] = await open(handler, 'held');
  unwrap(await handler.holdDataset(held, 'run-1'));
  const { port1, port2 } = new MessageChannel();
  handler.servePixels(port1);
  await open(handler, 'one', 'two', 'three', 'four', 'five');
  port2.close();
  expect(await handler.listImages(held)).toMatchObject(GONE);
});
