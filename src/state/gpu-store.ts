/** @file The GPU or other backend that the studio runs on, reported by the studio worker at page load. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GpuStatus } from '../domain/protocol';
import type { StudioClient } from './worker-clients';

export interface GpuState {
  /** Null until the backend has started. */
  status: GpuStatus | null;
  /** The sentence shown when no backend could be started. */
  failure: string | null;
  load(): Promise<void>;
}

export function createGpuStore(api: Pick<StudioClient, 'describeGpu'>): StoreApi<GpuState> {
  return createStore<GpuState>((set) => ({
    status: null,
    failure: null,
    async load() {
      const outcome = await api.describeGpu();
      if (outcome.ok) set({ status: outcome.value, failure: null });
      else set({ failure: outcome.failure.sentence });
    },
  }));
}
