/** @file Parameter counts of the four networks for the class count and input size on screen. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkDescription } from '../domain/network';
import type { StudioClient } from './worker-clients';

export interface DescriptionsState {
  descriptions: NetworkDescription[];
  /**
   * Null input size: each network's own. Below a network's least size it is counted at that, which its description
   * names. An answer that a later question has overtaken is dropped.
   */
  load(classCount: number, inputSize: number | null): Promise<void>;
}

export function createDescriptionsStore(api: Pick<StudioClient, 'describeNetworks'>): StoreApi<DescriptionsState> {
  let latest = 0;
  return createStore<DescriptionsState>((set) => ({
    descriptions: [],
    async load(classCount, inputSize) {
      latest += 1;
      const ticket = latest;
      const outcome = await api.describeNetworks(classCount, inputSize);
      if (ticket !== latest) return;
      set({ descriptions: outcome.ok ? outcome.value : [] });
    },
  }));
}
