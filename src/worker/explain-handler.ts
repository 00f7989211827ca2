/**
 * @file The studio worker's requests about explanations, and the networks that are kept for them.
 *
 * A second network beside the one in training could fill the device's memory and end the run, so explanations are refused with a
 * sentence until the run has ended.
 */

import { StudioError, unwrap } from '../domain/failure';
import type { ExplainRequest, Explanation, PixelSource } from '../domain/protocol';
import { readEvidence } from '../explain/evidence';
import { gradCam } from '../explain/grad-cam';
import { LoadedNetworks } from '../explain/loaded-networks';
import { toInput } from '../training/evaluate';
import { loadTrainedNetwork } from '../training/load-trained-network';
import type { Device } from './device';
import type { DeviceTurns } from './device-turns';
import { findRun, type StudioStores } from './studio-stores';

export interface ExplainNeeds {
  openStores: () => Promise<StudioStores>;
  pixels: Pick<PixelSource, 'decodeFile'>;
  onDevice: DeviceTurns['onDevice'];
  isTraining: () => boolean;
}

/** Explains, image after image, with networks that stay on the device in between. */
export class ExplainHandler {
  private readonly networks = new LoadedNetworks();

  constructor(private readonly needs: ExplainNeeds) {}

  /** @throws {StudioError} busy while a network trains, not-found, storage, out-of-memory, gpu-lost */
  async explain(request: ExplainRequest): Promise<Explanation> {
    if (this.needs.isTraining()) {
      throw new StudioError('busy', 'A network is training. Heatmaps can be made when it has ended.');
    }
    const work = (device: Device) => this.explainOn(device, request);
    try {
      return await this.needs.onDevice(work);
    } catch (error) {
      if (!(error instanceof StudioError && error.code === 'gpu-lost')) throw error;
      // The next turn begins with a device started anew.
      return this.needs.onDevice(work);
    }
  }

  /** Frees the networks of a run whose weights are gone. */
  drop(runId: string): void {
    this.networks.drop(runId);
  }

  /** Frees all networks, because something else needs the device. */
  clear(): void {
    this.networks.clear();
  }

  private async explainOn(device: Device, request: ExplainRequest): Promise<Explanation> {
    const holdsOthers = this.networks.bytes > 0;
    try {
      return await this.explainOnce(device, request);
    } catch (error) {
      await device.settle();
      const refused = device.refusal() !== null;
      // The loaded networks may be what fills the memory, and after other failures their weights may be wrong.
      this.networks.clear();
      if (!refused || !holdsOthers) throw error;
      await device.rest();
      device.forget();
      return await this.explainOnce(device, request);
    }
  }

  private async explainOnce(
    device: Device,
    { runId, weights, file, classIndex }: ExplainRequest,
  ): Promise<Explanation> {
    const stores = await this.needs.openStores();
    const record = await findRun(stores, runId);
    const { inputSize, interpolation, network: id } = record.recipe;
    const pixels = unwrap(await this.needs.pixels.decodeFile(file, inputSize, interpolation));
    const load = () => loadTrainedNetwork(stores.checkpoints, record, weights);
    const network = await this.networks.get(runId, weights, 4 * record.parameterCount, load);
    const x = toInput(pixels, record.inputScaling);
    try {
      const evidence = await readEvidence(network, x, classIndex);
      await device.settle();
      device.check();
      const { probabilities, classIndex: explained, featureMap } = evidence;
      const { note: layerNote, ...layer } = featureMap;
      const { classNames } = record.dataset;
      const map = gradCam(evidence);
      return { runId, network: id, classNames, probabilities, classIndex: explained, layer, layerNote, map };
    } finally {
      x.dispose();
    }
  }
}
