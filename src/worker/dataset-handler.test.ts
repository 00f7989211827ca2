import { expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import { DatasetHandler } from './dataset-handler';

it('keeps a dataset that is in use while others are opened, and lets go the one longest unused', async () => {
  const handler = new DatasetHandler({ openRoot: () => Promise.reject(new Error('not used')) });
  const open = async (name: string) => {
    const files = ['A', 'B'].map((className) => ({
      path: `${className}/${name}.png`,
      file: new File(['x'], `${name}.png`),
    }));
    return unwrap(await handler.openDataset({ kind: 'files', name, files }, () => undefined)).id;
  };
  const use = (datasetId: string) => handler.readPixels({ datasetId, paths: [], size: 8, interpolation: 'nearest' });

  const trained = await open('trained');
  const others: string[] = [];
  for (const name of ['one', 'two', 'three', 'four']) {
    others.push(await open(name));
    expect(await use(trained)).toMatchObject({ ok: true });
  }
  expect(await use(others[0])).toMatchObject({ ok: false, failure: { code: 'not-found' } });
  expect(await use(others[3])).toMatchObject({ ok: true });
});
