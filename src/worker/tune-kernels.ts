/** @file Choosing the kernels' tiles for this GPU: as stored, or else by measuring, once. */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { LARGE_TILES } from '../kernels/webgpu/staged-tiles';
import { searchTiles, TILES_VERSION, takeTiles } from '../kernels/webgpu/tile-search';
import type { TileStore } from '../storage/tile-store';

/**
 * Where the store cannot be read or written, the tiles are searched again in the next session; no run fails for it.
 * @returns the tile by its measures; null where there is no choice.
 */
export async function tuneKernels(
  backend: WebGPUBackend,
  gpu: string,
  openTiles: () => Promise<TileStore>,
): Promise<string | null> {
  const store = await openTiles().catch(() => null);
  const kept = (await store?.get(gpu, TILES_VERSION).catch(() => null)) ?? null;
  if (kept && kept.index in LARGE_TILES) {
    takeTiles(backend.device, kept);
    return tileName(kept.index);
  }
  const found = await searchTiles(backend);
  if (!found) return null;
  await store?.put(gpu, TILES_VERSION, found).catch(() => undefined);
  return tileName(found.index);
}

function tileName(index: number): string {
  return Object.values(LARGE_TILES[index]).join('x');
}
