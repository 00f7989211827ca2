/** @file A trained network as a run left it: built from its recipe, filled from its checkpoint. */

import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import type { RunRecord, WeightsKind } from '../domain/run';
import { Network } from '../networks/network';
import type { CheckpointStore } from '../storage/checkpoint-store';
import { restoreWeights } from './checkpoint-tensors';
import { openWeights } from './open-weights';

/**
 * Loads the weights of one kind of a run onto the device.
 * @returns a network that the caller disposes of.
 * @throws {StudioError} not-found or storage when the checkpoint is missing or damaged.
 */
export async function loadTrainedNetwork(
  checkpoints: CheckpointStore,
  record: RunRecord,
  kind: WeightsKind,
): Promise<Network> {
  const { weights } = await openWeights(checkpoints, record, kind);
  const { recipe, dataset } = record;
  const network = new Network(buildNetwork(recipe.network, recipe.inputSize, dataset.classNames.length));
  try {
    await restoreWeights(network, weightSpecs(network.graph), weights);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}
