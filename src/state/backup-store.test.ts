import { expect, it, vi } from 'vitest';
import type { BackupReport, RestoreReport } from '../domain/backup';
import type { Reply } from '../domain/failure';
import type { TransferProgress } from '../domain/protocol';
import { createBackupStore } from './backup-store';
import { deferred } from './fakes';

const made: BackupReport = { name: 'b.zip', runCount: 1, sizeBytes: 9, leftOut: [], file: null };
const restored: RestoreReport = { name: 'b.zip', runs: [], queue: { count: 0, sentence: null }, pretrained: [] };
const cancelled = { ok: false as const, failure: { code: 'cancelled' as const, sentence: 'It.', cause: null } };

function setUp() {
  const api = {
    backUp: vi.fn(async (): Promise<Reply<BackupReport>> => ({ ok: true, value: made })),
    restoreBackup: vi.fn(async (): Promise<Reply<RestoreReport>> => ({ ok: true, value: restored })),
    cancelBackup: vi.fn(async (): Promise<Reply<null>> => ({ ok: true, value: null })),
  };
  const saved: File[] = [];
  const reload = vi.fn(async () => undefined);
  return { api, saved, reload, store: createBackupStore({ api, saveFile: (file) => void saved.push(file), reload }) };
}

it('follows a backup, takes no second one meanwhile, and saves what has to be downloaded', async () => {
  const { api, saved, store } = setUp();
  const answer = deferred<Reply<BackupReport>>();
  let report: (progress: TransferProgress) => void = () => undefined;
  api.backUp.mockImplementationOnce((...args: unknown[]) => {
    report = args[1] as typeof report;
    return answer.promise;
  });
  const request = { target: { kind: 'download' as const }, withPretrained: false };
  const going = store.getState().backUp(request);
  await store.getState().restore({ kind: 'file', file: new File([], 'x.zip') });
  expect(api.restoreBackup).not.toHaveBeenCalled();
  report({ doneBytes: 3, totalBytes: 9 });
  expect(store.getState().going).toEqual({ kind: 'backup', progress: { doneBytes: 3, totalBytes: 9 } });
  const file = new File(['zip'], 'b.zip');
  answer.resolve({ ok: true, value: { ...made, file } });
  await going;
  report({ doneBytes: 9, totalBytes: 9 });
  expect(store.getState()).toMatchObject({ going: null, made: { name: 'b.zip' } });
  expect(saved).toEqual([file]);
});

it('reads what is stored again after a restore, cancelled or not', async () => {
  const { api, reload, store } = setUp();
  await store.getState().restore({ kind: 'file', file: new File([], 'x.zip') });
  expect(store.getState()).toMatchObject({ restored, failure: null });
  api.restoreBackup.mockResolvedValueOnce(cancelled);
  await store.getState().restore({ kind: 'file', file: new File([], 'x.zip') });
  expect(store.getState()).toMatchObject({ restored: null, failure: expect.stringContaining('was cancelled') });
  expect(reload).toHaveBeenCalledTimes(2);
});
