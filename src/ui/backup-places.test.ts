import { afterEach, expect, it, vi } from 'vitest';
import { chooseBackedUpFolder, chooseBackupFile, chooseBackupFolder } from './backup-places';

const picked = { kind: 'file', name: 'mine.zip' };
const throwing = (name: string) => () => Promise.reject(new DOMException('a browser text', name));

afterEach(() => vi.unstubAllGlobals());

it('writes to the file that was picked, or makes a download where the browser has no such picker', async () => {
  const showSaveFilePicker = vi.fn(async () => picked);
  vi.stubGlobal('window', { showSaveFilePicker });
  expect(await chooseBackupFile('backup')).toEqual({ kind: 'file', handle: picked });
  expect(showSaveFilePicker).toHaveBeenCalledWith(expect.objectContaining({ suggestedName: 'backup.zip' }));
  for (const browser of [{}, { showSaveFilePicker: throwing('SecurityError') }]) {
    vi.stubGlobal('window', browser);
    expect(await chooseBackupFile('backup')).toEqual({ kind: 'download' });
  }
});

it('returns null when the person cancels', async () => {
  const cancel = throwing('AbortError');
  vi.stubGlobal('window', { showSaveFilePicker: cancel, showDirectoryPicker: cancel });
  expect(await chooseBackupFile('backup')).toBeNull();
  expect(await chooseBackupFolder()).toBeNull();
  expect(await chooseBackedUpFolder()).toBeNull();
});

it('restores from the handle of a folder', async () => {
  const handle = { kind: 'directory', name: 'backup' };
  vi.stubGlobal('window', { showDirectoryPicker: async () => handle });
  expect(await chooseBackedUpFolder()).toEqual({ kind: 'folder', name: 'backup', handle });
});
