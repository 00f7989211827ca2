/** @file The augmentation preview: one image beside random transforms of it, as training would make them. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Interpolation, PixelBatch } from '../domain/dataset';
import type { AugmentationSettings } from '../domain/recipe';
import type { StudioClient } from './worker-clients';

export const PREVIEW_COUNT = 5;
const PREVIEW_SIZE = 224;

export interface PreviewSubject {
  datasetId: string;
  path: string;
  interpolation: Interpolation;
  augmentation: AugmentationSettings;
}

export interface PreviewState {
  /** The plain image first. Null before the first reply. */
  pixels: PixelBatch | null;
  /** Path of the image in {@link PreviewState.pixels}. */
  path: string | null;
  seed: number;
  working: boolean;
  failure: string | null;
  /** Draws with the seed as it is. */
  show(subject: PreviewSubject): Promise<void>;
  /** Draws with the next seed. */
  reroll(subject: PreviewSubject): Promise<void>;
}

export function createPreviewStore(api: Pick<StudioClient, 'previewAugmentation'>): StoreApi<PreviewState> {
  let latest = 0;
  return createStore<PreviewState>((set, get) => ({
    pixels: null,
    path: null,
    seed: 1,
    working: false,
    failure: null,

    async show({ datasetId, path, interpolation, augmentation }) {
      latest += 1;
      const ticket = latest;
      set({ working: true });
      const outcome = await api.previewAugmentation({
        datasetId,
        path,
        size: PREVIEW_SIZE,
        interpolation,
        augmentation,
        seed: get().seed,
        count: PREVIEW_COUNT,
      });
      if (ticket !== latest) return;
      if (outcome.ok) set({ pixels: outcome.value, path, working: false, failure: null });
      else set({ pixels: null, path: null, working: false, failure: outcome.failure.sentence });
    },

    async reroll(subject) {
      set({ seed: get().seed + 1 });
      await get().show(subject);
    },
  }));
}
