import { expect, it, vi } from 'vitest';
import { TAKE_OVER } from '../offline/take-over';
import { createOfflineStore } from './offline-store';

class FakeWorker extends EventTarget {
  state: ServiceWorkerState = 'installing';
  postMessage = vi.fn();
  enter(state: ServiceWorkerState) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = null;
}

async function setUp({ active = true, isTraining = false, refused = false } = {}) {
  const registration = new FakeRegistration();
  if (active) registration.active = new FakeWorker();
  const events = new EventTarget();
  const register = vi.fn(async () => {
    if (refused) throw new DOMException('no', 'SecurityError');
    return registration;
  });
  const container = Object.assign(events, { register }) as unknown as ServiceWorkerContainer;
  const reload = vi.fn();
  const store = createOfflineStore({ container, isTraining: async () => isTraining, reload });
  await store.getState().load();
  const install = () => {
    const worker = new FakeWorker();
    registration.installing = worker;
    registration.dispatchEvent(new Event('updatefound'));
    registration.installing = null;
    registration.waiting = worker;
    worker.enter('installed');
    return worker;
  };
  const becomeActive = (worker: FakeWorker) => {
    registration.waiting = null;
    registration.active = worker;
    events.dispatchEvent(new Event('controllerchange'));
    worker.enter('activated');
  };
  return { store, registration, register, reload, install, becomeActive };
}

it('offers no update at the first visit, and says once the studio is kept', async () => {
  const { store, registration, install } = await setUp({ active: false });
  const worker = install();
  expect(store.getState()).toMatchObject({ kept: false, update: 'none' });
  registration.waiting = null;
  registration.active = worker;
  worker.enter('activating');
  expect(store.getState()).toMatchObject({ kept: true, update: 'none' });
});

it('takes a new version when asked to, and reloads once it answers', async () => {
  const { store, reload, install, becomeActive } = await setUp();
  expect(store.getState()).toMatchObject({ kept: true, update: 'none' });
  const worker = install();
  expect(store.getState().update).toBe('waiting');
  expect(worker.postMessage).not.toHaveBeenCalled();
  await store.getState().takeUpdate();
  expect(worker.postMessage).toHaveBeenCalledWith(TAKE_OVER);
  expect(reload).not.toHaveBeenCalled();
  becomeActive(worker);
  expect(reload).toHaveBeenCalledOnce();
});

it('does not take it while a tab trains', async () => {
  const { store, reload, install } = await setUp({ isTraining: true });
  const worker = install();
  await store.getState().takeUpdate();
  expect(worker.postMessage).not.toHaveBeenCalled();
  expect(reload).not.toHaveBeenCalled();
  expect(store.getState()).toMatchObject({ update: 'waiting', refusal: expect.stringContaining('has ended') });
});

it('says when another tab has taken it, and reloads only when asked to', async () => {
  const { store, reload, install, becomeActive } = await setUp();
  becomeActive(install());
  expect(store.getState().update).toBe('taken');
  expect(reload).not.toHaveBeenCalled();
  await store.getState().takeUpdate();
  expect(reload).toHaveBeenCalledOnce();
});

it('goes on without it where the browser refuses or has none', async () => {
  const { store, register } = await setUp({ refused: true });
  expect(register).toHaveBeenCalledWith('/service-worker.js', { updateViaCache: 'none' });
  expect(store.getState()).toMatchObject({ kept: false, update: 'none' });
  const without = createOfflineStore({ container: null, isTraining: async () => false, reload: vi.fn() });
  await without.getState().load();
  expect(without.getState()).toMatchObject({ kept: false, update: 'none' });
});
