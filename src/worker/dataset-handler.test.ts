import { encode } from 'fast-png';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../domain/failure';
import { DatasetHandler } from './dataset-handler';

/** Keeps four of the small datasets that {@link open} opens. */
const newHandler = () => new DatasetHandler({ imagesKept: 8, openRoot: () => Promise.reject(new Error('not used')) });
const GREY_PNG = new Uint8Array(encode({ width: 4, height: 4, data: new Uint8Array(16), channels: 1 }));
const GONE = { ok: false, failure: { code: 'not-found' } };

/** Opens small datasets of these names, one after another. */
async function open(handler: DatasetHandler, ...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const files = ['A', 'B'].map((className) => ({
      path: `${className}/${name}.png`,
      file: new File([GREY_PNG], `${name}.png`),
    }));
    ids.push(unwrap(await handler.openDataset({ kind: 'files', name, files }, () => undefined)).id);
  }
  return ids;
}

it('drops the dataset longest unused when there are too many images', async () => {
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

it('drops what a worker held that was started again', async () => {
  const handler = newHandler();
  const [held] = await open(handler, 'held');
  unwrap(await handler.holdDataset(held, 'run-1'));
  const { port1, port2 } = new MessageChannel();
  handler.servePixels(port1);
  await open(handler, 'one', 'two', 'three', 'four', 'five');
  port2.close();
  expect(await handler.listImages(held)).toMatchObject(GONE);
});

const CANCELLED = { ok: false, failure: { code: 'cancelled' } };
const nothing = () => undefined;

/** A folder of two images whose listing waits until `go`. */
function slowFolder(name: string) {
  let go: () => void = nothing;
  const started = new Promise<void>((resolve) => {
    go = resolve;
  });
  const image = (fileName: string) => ({
    kind: 'file',
    name: fileName,
    getFile: async () => new File([GREY_PNG], fileName, { lastModified: 1 }),
  });
  const inner = (className: string) => ({
    kind: 'directory',
    name: className,
    values: async function* () {
      yield image(`${name}.png`);
    },
  });
  const values = async function* () {
    await started;
    yield inner('A');
    yield inner('B');
  };
  const handles = [{ kind: 'directory', name, values } as unknown as FileSystemDirectoryHandle];
  return { source: { kind: 'directories' as const, name, handles }, go: () => go() };
}

it('ends an opening that is cancelled, and keeps what was open', async () => {
  const handler = newHandler();
  const [good] = await open(handler, 'good');
  const { source, go } = slowFolder('slow');
  const opening = handler.openDataset(source, nothing);
  await handler.cancelOpening();
  go();
  expect(await opening).toMatchObject(CANCELLED);
  expect(await handler.listImages(good)).toMatchObject({ ok: true });
  expect(await handler.openDataset(source, nothing)).toMatchObject({ ok: true, value: { name: 'slow' } });
});

it('ends an opening when another begins', async () => {
  const handler = newHandler();
  const slow = slowFolder('slow');
  const quick = slowFolder('quick');
  const first = handler.openDataset(slow.source, nothing);
  quick.go();
  const second = handler.openDataset(quick.source, nothing);
  slow.go();
  expect(await first).toMatchObject(CANCELLED);
  expect(await second).toMatchObject({ ok: true, value: { name: 'quick' } });
});

it('ends a check that is cancelled, goes on with it when asked again, and sees no file twice', async () => {
  const handler = newHandler();
  const files = Array.from({ length: 40 }, (_, i) => ({
    path: `${i % 2 ? 'A' : 'B'}/${i}.png`,
    file: new File([GREY_PNG], `${i}.png`, { lastModified: 1 }),
  }));
  const source = { kind: 'files' as const, name: 'many', files };
  const { id } = unwrap(await handler.openDataset(source, nothing));
  const reads = vi.spyOn(File.prototype, 'arrayBuffer');
  const check = handler.checkDataset(id, () => void handler.cancelCheck(id));
  expect(await check).toMatchObject(CANCELLED);
  const before = reads.mock.calls.length;
  expect(before).toBeLessThan(40);

  const checked = unwrap(await handler.checkDataset(id, nothing));
  expect(checked.ranges).toEqual({
    smallest: { width: 4, height: 4 },
    largest: { width: 4, height: 4 },
    kinds: ['8-bit grey'],
    formats: ['PNG'],
  });
  expect(reads.mock.calls.length).toBe(40);

  // Opened again: the files are the same, so nothing is left to check.
  const again = unwrap(await handler.openDataset(source, nothing));
  expect(again.ranges).toEqual(checked.ranges);
  reads.mockClear();
  expect(unwrap(await handler.checkDataset(id, nothing))).toEqual(again);
  expect(reads).not.toHaveBeenCalled();
  reads.mockRestore();
});

it('names the image at which a check failed, and keeps the dataset', async () => {
  const handler = newHandler();
  const [id] = await open(handler, 'good');
  const arrayBuffer = vi.spyOn(File.prototype, 'arrayBuffer').mockRejectedValueOnce(new Error('a defect'));
  expect(await handler.checkDataset(id, nothing)).toMatchObject({
    ok: false,
    failure: { code: 'unexpected', sentence: 'The check failed at A/good.png: a defect' },
  });
  arrayBuffer.mockRestore();
  expect(unwrap(await handler.checkDataset(id, nothing)).classCounts.length).toBe(2);
});
