/**
 * @file A run's checkpoints: weights and slots that the GPU has vouched for, and back.
 *
 * Weights that are not finite numbers are never stored: what was kept before stays.
 */

import { weightSpecs } from '../architectures/graph';
import type { CheckpointState } from '../domain/checkpoint';
import { slotNames } from '../domain/recipe';
import type { RunRecord, WeightsKind } from '../domain/run';
import type { Network } from '../networks/network';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { TensorStream } from '../storage/tensor-file';
import { finiteStream, restoreSlots, restoreWeights, tensorStream, weightTensors } from './checkpoint-tensors';
import { openWeights } from './open-weights';
import type { Optimizer } from './optimizer';
import type { RunGpu } from './run-gpu';

export class RunCheckpoints {
  constructor(
    private readonly store: CheckpointStore,
    private readonly runId: string,
    private readonly network: Network,
    private readonly optimizer: Optimizer,
    private readonly gpu: RunGpu,
  ) {}

  /**
   * Stores what the network and the optimizer are now.
   * @throws {WeightNotNumbersError} when a weight is not finite.
   * @throws {StudioError} what the GPU or the disk says; the checkpoint before is whole.
   */
  save(state: CheckpointState, isBest: boolean): Promise<void> {
    return this.store.save(this.runId, {
      epoch: state.position.epoch,
      isBest,
      state,
      weights: this.trusted(finiteStream(tensorStream(weightTensors(this.network)))),
      slots: this.trusted(tensorStream(this.optimizer.slots)),
    });
  }

  /** @throws {StudioError} `not-found` when they are not kept, `storage` when they are damaged. */
  async restoreWeights(record: RunRecord, kind: WeightsKind): Promise<void> {
    const { weights } = await openWeights(this.store, record, kind);
    await restoreWeights(this.network, weightSpecs(this.network.graph), weights);
  }

  /** Network and optimizer become what they were at the checkpoint. */
  async restoreAll({ record, recipe, optimizerStep }: CheckpointState): Promise<void> {
    await this.restoreWeights(record, 'last');
    // An optimizer without slots needs no file of them.
    if (slotNames(recipe.optimizer).length > 0) {
      await restoreSlots(this.optimizer, this.network, await this.store.openSlots(this.runId));
    }
    this.optimizer.step = optimizerStep;
  }

  /** The run will not go on. What cannot be removed stays, which costs room and nothing else. */
  async dropSlots(): Promise<void> {
    await this.store.dropSlots(this.runId).catch(() => undefined);
  }

  /** A checkpoint is only named once the GPU has vouched for what was read from it. */
  private trusted(stream: TensorStream): TensorStream {
    const { gpu } = this;
    return {
      tensors: stream.tensors,
      async *pieces() {
        yield* stream.pieces();
        gpu.check();
      },
    };
  }
}
