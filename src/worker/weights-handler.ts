/** @file The studio worker's requests about pretrained files: listed, imported, downloaded, removed. */

import { StudioError } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { TransferProgress, WeightsStatus } from '../domain/protocol';
import type { ReadForeignFile } from '../exchange/foreign-file';
import { fetchWeights, importWeights, listWeights, removeWeights } from '../exchange/pretrained-weights';
import type { StudioStores } from './studio-stores';

export interface WeightsNeeds {
  openStores: () => Promise<StudioStores>;
  readForeign: ReadForeignFile;
  /** Whether the run that is being prepared has still to read the network's file. */
  isRead: (network: NetworkId) => boolean;
}

/** Keeps and removes pretrained files; one that is in use stays. */
export class WeightsHandler {
  private readonly downloading = new Set<NetworkId>();

  constructor(private readonly needs: WeightsNeeds) {}

  async list(): Promise<WeightsStatus[]> {
    return listWeights((await this.needs.openStores()).pretrained);
  }

  /** @throws {StudioError} bad-weights, storage */
  async import(file: File): Promise<WeightsStatus> {
    return importWeights((await this.needs.openStores()).pretrained, file, this.needs.readForeign);
  }

  /** @throws {StudioError} busy while it is being downloaded, bad-weights, storage */
  async download(network: NetworkId, onProgress: (progress: TransferProgress) => void): Promise<WeightsStatus> {
    if (this.downloading.has(network)) throw new StudioError('busy', 'This file is already being downloaded.');
    this.downloading.add(network);
    try {
      return await fetchWeights((await this.needs.openStores()).pretrained, network, onProgress);
    } finally {
      this.downloading.delete(network);
    }
  }

  /** @throws {StudioError} busy while it is read or downloaded, storage */
  async remove(network: NetworkId): Promise<WeightsStatus> {
    const { pretrained } = await this.needs.openStores();
    if (this.needs.isRead(network)) {
      const sentence = `${NETWORKS[network].name} is being prepared and starts from this file. Remove it once the first epoch has begun, or end the run with Stop.`;
      throw new StudioError('busy', sentence);
    }
    if (this.downloading.has(network)) {
      const sentence = `Keras’ weights of ${NETWORKS[network].name} are being downloaded and would be kept right after. Remove the file once the download has ended.`;
      throw new StudioError('busy', sentence);
    }
    return removeWeights(pretrained, network);
  }
}
