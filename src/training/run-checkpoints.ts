/**
 * @file A run's checkpoints: weights and slots from the device to the store, once it reports no error, and back.
 *
 * Weights that are not finite numbers are never stored: what was kept before stays.
 */

import { weightSpecs } from '../architectures/graph';
import type { CheckpointState } from '../domain/checkpoint';
import { StudioError } from '../domain/failure';
import { slotCount } from '../domain/recipe';
import { isTrained, type RunRecord, type WeightsKind } from '../domain/run';
import type { Network } from '../networks/network';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { TensorStream } from '../storage/tensor-file';
import { finiteStream, restoreSlots, restoreWeights, tensorStream, weightTensors } from './checkpoint-tensors';
import { openWeights } from './open-weights';
import type { Optimizer } from './optimizer';
import type { RestorableCheckpoint } from './restored-state';
import type { RunDevice } from './run-device';

/** Saves and restores one run's network and optimizer. */
export class RunCheckpoints {
  constructor(
    private readonly store: CheckpointStore,
    private readonly runId: string,
    private readonly network: Network,
    private readonly optimizer: Optimizer,
    private readonly device: RunDevice,
  ) {}

  /**
   * Stores the network's weights and, to go on from, the optimizer's slots. These are the best weights when the state's record says so.
   * @throws {WeightNotNumbersError} when a weight is not finite.
   * @throws {StudioError} an error of the device or the disk; the earlier checkpoint stays whole.
   */
  save(state: CheckpointState, withSlots: boolean): Promise<void> {
    return this.store.save(this.runId, {
      epoch: state.position.epoch,
      step: state.position.step,
      bestEpoch: state.record.bestEpoch,
      state,
      weights: this.trusted(finiteStream(tensorStream(weightTensors(this.network)))),
      slots: withSlots ? this.trusted(tensorStream(this.optimizer.slots)) : null,
    });
  }

  /** @throws {StudioError} `not-found` when they are not kept, `storage` when they are damaged. */
  async restoreWeights(record: RunRecord, kind: WeightsKind): Promise<void> {
    const { weights } = await openWeights(this.store, record, kind);
    await restoreWeights(this.network, weightSpecs(this.network.graph), weights);
  }

  /** Restores network and optimizer as they were at the checkpoint. */
  async restoreAll({ state, weights, slots }: RestorableCheckpoint): Promise<void> {
    await restoreWeights(this.network, weightSpecs(this.network.graph), weights);
    const { record, recipe } = state;
    // An optimizer without slots needs no file of them, nor does a run of which only the test is left.
    if (slotCount(recipe.optimizer) > 0 && !(isTrained(record) && !slots)) {
      if (!slots) {
        throw new StudioError(
          'not-found',
          'Its optimizer’s state is no longer stored: it was deleted, or the run has come to its end.',
        );
      }
      await restoreSlots(this.optimizer, this.network, slots);
    }
    this.optimizer.step = state.optimizerStep;
  }

  /** Called when the run will not go on. A failure is ignored: what stays only takes disk space, until the next sweep. */
  async keepWeightsOnly(): Promise<void> {
    await this.store.keepWeightsOnly(this.runId).catch(() => undefined);
  }

  /** Checks the device for errors after the last piece, before the store names the checkpoint. */
  private trusted(stream: TensorStream): TensorStream {
    const { device } = this;
    return {
      tensors: stream.tensors,
      async *pieces() {
        yield* stream.pieces();
        device.check();
      },
    };
  }
}
