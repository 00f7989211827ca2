/** @file The device that the studio computes on, reported by the studio worker at page load, and the person's choice. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DeviceKind, DeviceStatus } from '../domain/device';
import type { StudioClient } from './worker-clients';

export interface DeviceState {
  /** Null until the device has started. */
  status: DeviceStatus | null;
  /** The sentence shown when none could be started. */
  failure: string | null;
  /** The one that is being started at the person's request. */
  choosing: DeviceKind | null;
  /** Why the last choice was refused. */
  refusal: string | null;
  load(): Promise<void>;
  /** Computes on this one from now on, and at the next start. */
  choose(kind: DeviceKind): Promise<void>;
  dismissRefusal(): void;
}

/** @param remember keeps the choice for the next start. */
export function createDeviceStore(
  api: Pick<StudioClient, 'describeDevice' | 'chooseDevice'>,
  remember: (kind: DeviceKind) => void,
): StoreApi<DeviceState> {
  return createStore<DeviceState>((set, get) => ({
    status: null,
    failure: null,
    choosing: null,
    refusal: null,
    async load() {
      const outcome = await api.describeDevice();
      if (outcome.ok) set({ status: outcome.value, failure: null });
      else set({ failure: outcome.failure.sentence });
    },
    async choose(kind) {
      if (get().choosing) return;
      set({ choosing: kind, refusal: null });
      const outcome = await api.chooseDevice(kind);
      if (outcome.ok) {
        remember(kind);
        set({ choosing: null, status: outcome.value, failure: null });
      } else set({ choosing: null, refusal: outcome.failure.sentence });
    },
    dismissRefusal: () => set({ refusal: null }),
  }));
}
