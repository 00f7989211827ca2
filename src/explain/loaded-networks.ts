/**
 * @file Trained networks that stay on the device between explanations, so that a checkpoint is not read anew for every
 * image, run and class.
 *
 * Bounded by bytes of weights; the one unused for longest goes first. One that is larger than the bound stays alone.
 */

import type { WeightsKind } from '../domain/run';
import type { Network } from '../networks/network';

/** The four networks of the notebook at their own input sizes take 1.7 GB. */
const LIMIT_BYTES = 2 * 2 ** 30;

interface Loaded {
  runId: string;
  kind: WeightsKind;
  network: Network;
  bytes: number;
}

/** Networks with their trained weights on the device. The cache owns and frees them. */
export class LoadedNetworks {
  /** Longest unused first. */
  private loaded: Loaded[] = [];

  constructor(private readonly limitBytes = LIMIT_BYTES) {}

  /**
   * A run's network; the cache still owns it. Calls must not overlap: one call may free the network of the call before.
   * @param bytes of its weights.
   * @param load called when the network is not held; others are freed before, so that the bound holds meanwhile too.
   */
  async get(runId: string, kind: WeightsKind, bytes: number, load: () => Promise<Network>): Promise<Network> {
    const found = this.loaded.find((one) => one.runId === runId && one.kind === kind);
    if (found) {
      this.loaded = [...this.loaded.filter((one) => one !== found), found];
      return found.network;
    }
    while (this.loaded.length > 0 && this.bytes + bytes > this.limitBytes) this.loaded.shift()?.network.dispose();
    const network = await load();
    this.loaded.push({ runId, kind, network, bytes });
    return network;
  }

  /** Frees the networks of one run, whose weights are gone or change. */
  drop(runId: string): void {
    for (const { network } of this.loaded.filter((one) => one.runId === runId)) network.dispose();
    this.loaded = this.loaded.filter((one) => one.runId !== runId);
  }

  /** Frees all networks, because something else needs the memory. */
  clear(): void {
    for (const { network } of this.loaded) network.dispose();
    this.loaded = [];
  }

  /** Bytes of the weights held. */
  get bytes(): number {
    return this.loaded.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
