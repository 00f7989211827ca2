import { expect, it, vi } from 'vitest';
import type { DeviceKind, DeviceStatus } from '../domain/device';
import type { Reply } from '../domain/failure';
import { createDeviceStore } from './device-store';

const STATUS: DeviceStatus = {
  backend: 'webgpu',
  adapter: 'fake',
  threads: null,
  software: false,
  limit: null,
  advice: null,
  choices: [],
};

function setUp() {
  const chooseDevice = vi.fn(
    async (backend: DeviceKind): Promise<Reply<DeviceStatus>> => ({ ok: true, value: { ...STATUS, backend } }),
  );
  const remember = vi.fn();
  const api = { describeDevice: async (): Promise<Reply<DeviceStatus>> => ({ ok: true, value: STATUS }), chooseDevice };
  return { chooseDevice, remember, store: createDeviceStore(api, remember) };
}

it('shows and remembers what was chosen', async () => {
  const { store, remember } = setUp();
  await store.getState().load();
  await store.getState().choose('processor');
  expect(store.getState()).toMatchObject({ status: { backend: 'processor' }, choosing: null, refusal: null });
  expect(remember).toHaveBeenCalledExactlyOnceWith('processor');
});

it('keeps the device and says why when the choice is refused', async () => {
  const { store, chooseDevice, remember } = setUp();
  await store.getState().load();
  const failure = { code: 'busy', sentence: 'A network is training.', cause: null } as const;
  chooseDevice.mockResolvedValueOnce({ ok: false, failure });
  await store.getState().choose('processor');
  expect(store.getState()).toMatchObject({ status: STATUS, choosing: null, refusal: 'A network is training.' });
  expect(remember).not.toHaveBeenCalled();
  store.getState().dismissRefusal();
  expect(store.getState().refusal).toBeNull();
});
