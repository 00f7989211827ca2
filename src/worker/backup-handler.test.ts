import { expect, it } from 'vitest';
import { manifestOf, zipOf } from '../backup/backup-test-kit';
import { unwrap } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import { testRecord } from '../domain/run-test-kit';
import { PRETRAINED_FILES } from '../exchange/catalogue';
import { StudioHandler } from './studio-handler';
import { fakeFiles, memoryStores, pixels, studioDevice } from './studio-test-kit';

const [VGG16] = PRETRAINED_FILES;
const toDownload = { target: { kind: 'download' as const }, withPretrained: false };

/** A studio with one run, whose dropped files are bases of InceptionV3. */
function setUp() {
  const memory = memoryStores();
  memory.records.set('a', testRecord({ id: 'a' }));
  memory.stores.runFiles.list = async () => [new File(['0123456789'], 'weights-1.bin')];
  const handler = new StudioHandler(
    async () => studioDevice,
    async () => memory.stores,
    pixels,
    fakeFiles({ identifyBase: async () => 'inceptionv3' }),
  );
  return { ...memory, handler };
}

it('a backup is one file with a report, and only one is made at a time', async () => {
  const { handler } = setUp();
  const first = handler.backUp(toDownload, () => undefined);
  expect(await handler.backUp(toDownload, () => undefined)).toMatchObject({ failure: { code: 'busy' } });
  expect(await handler.exportRun('a', 'last', 'keras-h5', () => undefined)).toMatchObject({ ok: false });
  const { file, ...report } = unwrap(await first);
  expect(report).toMatchObject({ runCount: 1, leftOut: [], name: expect.stringMatching(/^thorax-backup-.*\.zip$/) });
  expect(file?.size).toBeGreaterThan(report.sizeBytes);
});

it('a backup that is cancelled leaves nothing, and lets go of the run it was reading', async () => {
  const { handler, stores, tabs } = setUp();
  let isWhole = false;
  stores.exports.write = async (name, pieces) => {
    for await (const _ of pieces) await handler.cancelBackup();
    isWhole = true;
    return new File([], name);
  };
  expect(await handler.backUp(toDownload, () => undefined)).toMatchObject({ failure: { code: 'cancelled' } });
  expect(isWhole).toBe(false);
  expect(await tabs.holdIfFree(runLock('a'), async () => 'free')).toBe('free');
  stores.exports.write = async (name) => new File([], name);
  expect(await handler.backUp(toDownload, () => undefined)).toMatchObject({ ok: true });
});

it('a download for which the browser’s storage is too full is not begun', async () => {
  const { handler, stores } = setUp();
  stores.freeBytes = async () => 9;
  expect(await handler.backUp(toDownload, () => undefined)).toMatchObject({
    failure: { code: 'storage', sentence: expect.stringMatching(/too full/) },
  });
});

it('a pretrained file is not kept under the name of another network', async () => {
  const { handler } = setUp();
  const entries = [{ path: `pretrained/${VGG16.fileName}`, text: 'weights' }];
  const file = await zipOf([...entries, manifestOf(entries)]);
  expect(unwrap(await handler.restoreBackup({ kind: 'file', file }, () => undefined)).pretrained).toEqual([
    {
      fileName: VGG16.fileName,
      outcome: 'refused',
      sentence: expect.stringMatching(/holds the weights of another network/),
    },
  ]);
});
