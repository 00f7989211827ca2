import { directoryOpenLegacy } from 'browser-fs-access';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { chooseFolder } from './choose-folder';

vi.mock('browser-fs-access', () => ({ directoryOpenLegacy: vi.fn() }));

const handle = { kind: 'directory', name: 'xrays' };
const chosen = Object.assign(new File(['x'], '1.png'), { webkitRelativePath: 'xrays/A/1.png' });
const throwing = (name: string) => () => Promise.reject(new DOMException('a browser text', name));

beforeEach(() => {
  vi.mocked(directoryOpenLegacy).mockReset().mockResolvedValue([chosen]);
});

afterEach(() => vi.unstubAllGlobals());

it('returns a real handle where the browser gives one', async () => {
  vi.stubGlobal('window', { showDirectoryPicker: async () => handle });
  expect(await chooseFolder()).toEqual({ directories: [handle], files: [] });
  expect(directoryOpenLegacy).not.toHaveBeenCalled();
});

it.each([
  ['has no picker', {}],
  ['may not show it', { showDirectoryPicker: throwing('SecurityError') }],
])('takes files with their paths where the browser %s', async (_case, browser) => {
  vi.stubGlobal('window', browser);
  expect(await chooseFolder()).toEqual({ directories: [], files: [{ path: 'xrays/A/1.png', file: chosen }] });
});

it('returns null when the person cancels', async () => {
  vi.stubGlobal('window', { showDirectoryPicker: throwing('AbortError') });
  expect(await chooseFolder()).toBeNull();
  vi.stubGlobal('window', {});
  vi.mocked(directoryOpenLegacy).mockImplementation(throwing('AbortError'));
  expect(await chooseFolder()).toBeNull();
});
