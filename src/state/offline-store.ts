/** @file The studio kept in this browser: registered with the service worker, and a new version that waits until it is taken. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { TAKE_OVER } from '../offline/take-over';

export const SERVICE_WORKER = '/service-worker.js';

export interface OfflineState {
  /** The studio starts without a network. */
  kept: boolean;
  /** `waiting`: a new version is kept and offered. `taken`: another tab has taken it, and this one goes on with the old. */
  update: 'none' | 'waiting' | 'taken';
  /** Why the new version was not taken. */
  refusal: string | null;

  /** Keeps the studio for the next start, and looks for a new version. */
  load(): Promise<void>;
  /** Reloads the page with the new version, unless a training is going on in any tab. */
  takeUpdate(): Promise<void>;
}

export interface OfflineDependencies {
  /** Null where the browser has none, or nothing is to be kept. */
  container: Pick<ServiceWorkerContainer, 'register' | 'addEventListener'> | null;
  /** In any tab. */
  isTraining(): Promise<boolean>;
  reload(): void;
}

export function createOfflineStore({ container, isTraining, reload }: OfflineDependencies): StoreApi<OfflineState> {
  let registration: ServiceWorkerRegistration | null = null;
  /** This tab has asked for the new version. */
  let asked = false;
  return createStore<OfflineState>((set, get) => {
    const look = () => {
      if (!registration || get().update === 'taken') return;
      // The first version waits for a moment, too, and nothing is there that it could replace.
      const isUpdate = registration.waiting !== null && registration.active !== null;
      set({ kept: registration.active !== null, update: isUpdate ? 'waiting' : 'none' });
    };
    const follow = (worker: ServiceWorker | null) => worker?.addEventListener('statechange', look);

    return {
      kept: false,
      update: 'none',
      refusal: null,

      async load() {
        if (!container) return;
        container.addEventListener('controllerchange', () => {
          if (!asked) set({ update: 'taken', refusal: null });
        });
        // Refused in some private windows, and by servers that lack the file: the studio then needs its server at every start.
        registration = await container.register(SERVICE_WORKER, { updateViaCache: 'none' }).catch(() => null);
        if (!registration) return;
        look();
        for (const worker of [registration.installing, registration.waiting, registration.active]) follow(worker);
        registration.addEventListener('updatefound', () => follow(registration?.installing ?? null));
      },

      async takeUpdate() {
        if (get().update === 'taken') {
          reload();
          return;
        }
        if (await isTraining()) {
          set({
            refusal: 'A network is being trained, here or in another tab. The new version waits until that has ended.',
          });
          return;
        }
        const waiting = registration?.waiting;
        if (!waiting) return;
        asked = true;
        set({ refusal: null });
        waiting.addEventListener('statechange', () => {
          if (waiting.state === 'activated') reload();
        });
        waiting.postMessage(TAKE_OVER);
      },
    };
  });
}
