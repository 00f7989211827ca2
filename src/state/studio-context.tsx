/** @file The stores as React hooks: `useDataset(state => state.summary)`. */

import { createContext, use } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { RunRecord } from '../domain/run';
import type { Studio } from './studio';

const StudioContext = createContext<Studio | null>(null);

export const StudioProvider = StudioContext.Provider;

/**
 * All stores of the page.
 * @throws {Error} outside a StudioProvider.
 */
export function useStudio(): Studio {
  const studio = use(StudioContext);
  if (!studio) throw new Error('useStudio needs a StudioProvider above it.');
  return studio;
}

function storeHook<State>(pick: (studio: Studio) => StoreApi<State>) {
  return <Part,>(select: (state: State) => Part): Part => useStore(pick(useStudio()), select);
}

export const useDevice = storeHook((studio) => studio.device);
export const useDataset = storeHook((studio) => studio.dataset);
export const usePreview = storeHook((studio) => studio.preview);
export const useDraft = storeHook((studio) => studio.draft);
export const useWeights = storeHook((studio) => studio.weights);
export const useRuns = storeHook((studio) => studio.runs);
export const useUpkeep = storeHook((studio) => studio.upkeep);
export const useStorage = storeHook((studio) => studio.storage);
export const useBackup = storeHook((studio) => studio.backup);
export const useModels = storeHook((studio) => studio.models);
export const useTraining = storeHook((studio) => studio.training);
export const useExplain = storeHook((studio) => studio.explain);
export const useEstimates = storeHook((studio) => studio.estimates);
export const useOffline = storeHook((studio) => studio.offline);
export const useSentBytes = storeHook((studio) => studio.sentBytes);

/** The record of the run that is going in this page's worker, or went there last. */
export function useLiveRecord(): RunRecord | null {
  const runId = useTraining((state) => state.live?.item.id);
  return useRuns((state) => state.records.find(({ id }) => id === runId) ?? null);
}
