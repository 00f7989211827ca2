/**
 * @file One run from its first weight to its last test answer.
 *
 * Everything that outlives the run goes through the two stores: after each epoch the checkpoint first, then the record,
 * so that a record never speaks of weights that are not there. Whatever ends the run early leaves both whole.
 */

import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { misfitOf, refusedStep } from '../architectures/memory-fit';
import { epochOperations, gflopsOf, type Operations, operationsOf } from '../architectures/operations';
import { type Plan, planTraining } from '../architectures/plan';
import { countImages, type DatasetImage, type PixelBatch } from '../domain/dataset';
import { StudioError, toFailure, unwrap } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import { gpuName, type PixelSource, type RunEvent, type RunPhase, type RunRequest } from '../domain/protocol';
import {
  type EpochLog,
  type EvaluatedSplit,
  type RunPredictions,
  type RunRecord,
  scoreOf,
  type WeightsKind,
} from '../domain/run';
import { Network } from '../networks/network';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { RunStore } from '../storage/run-store';
import type { TensorStream } from '../storage/tensor-file';
import { bestByTrainingLoss } from './callbacks/best-by-training-loss';
import type { Callback, Verdict } from './callbacks/callback';
import { notANumberGuard } from './callbacks/not-a-number-guard';
import { finiteStream, restoreWeights, tensorStream, WeightNotNumbersError, weightTensors } from './checkpoint-tensors';
import { compileNetwork } from './compile-network';
import { type Divergence, divergenceSentence } from './divergence';
import { evaluate, NotNumbersError } from './evaluate';
import { newRunRecord } from './new-run-record';
import { createOptimizer, type Optimizer } from './optimizer';
import { Pace } from './pace';
import type { RunControl } from './run-control';
import type { RunGpu } from './run-gpu';
import { Stopwatch } from './stopwatch';
import { type TrainingEvent, trainNetwork } from './train-network';

export interface RunDependencies {
  pixels: PixelSource;
  checkpoints: CheckpointStore;
  runs: Pick<RunStore, 'put'>;
  gpu: RunGpu;
  /**
   * Fills every weight: from Keras' file where the recipe wants it, else at random.
   * @throws {StudioError} missing-weights
   */
  fillWeights: (network: Network, request: RunRequest) => Promise<RunRecord['weightsOrigin']>;
}

/**
 * A record that cannot be stored on the way ends no run: its weights are, and the person is informed by an event.
 * @returns the record, stored where that can be done: finished, stopped, or failed or diverged with its sentence.
 * @throws {StudioError} when the run could not be started at all; nothing is stored then.
 */
export async function runTraining(
  request: RunRequest,
  dependencies: RunDependencies,
  control: RunControl,
  onEvent: (event: RunEvent) => void,
): Promise<RunRecord> {
  const { recipe, dataset } = request;
  if (countImages(dataset, 'train') === 0) {
    throw new StudioError('bad-input', `${dataset.name} has no usable image in its training split.`);
  }
  const phase = (name: RunPhase, detail: string) => onEvent({ type: 'phaseChanged', phase: name, detail });
  phase('preparing', `Building ${NETWORKS[recipe.network].name}`);
  const network = new Network(buildNetwork(recipe.network, recipe.inputSize, dataset.classNames.length));
  const plan = planTraining(network.graph);
  // A buffer above the device's limit cannot be made whatever is free; how much is free only the first step can tell.
  const misfit = misfitOf(recipe, plan, { ...dependencies.gpu.room(), knownBytes: null });
  if (misfit) throw new StudioError('out-of-memory', misfit);
  const optimizer = createOptimizer(recipe.optimizer);
  const { pixels } = dependencies;
  try {
    unwrap(await pixels.holdDataset(dataset.id, request.runId));
    const images = unwrap(await pixels.listImages(dataset.id));
    const weightsOrigin = await dependencies.fillWeights(network, request);
    const run = new Run(request, images, dependencies, control, onEvent, network, plan, optimizer, weightsOrigin);
    return await run.toItsEnd();
  } finally {
    await pixels.releaseDataset(dataset.id, request.runId);
    optimizer.dispose();
    network.dispose();
  }
}

const SECOND_TRY_MS = 1000;

class Run {
  private record: RunRecord;
  private readonly predictions: RunPredictions = { last: null, best: null };
  private readonly stopwatch = new Stopwatch();
  private readonly pace = new Pace();
  private readonly callbacks: Callback[] = [bestByTrainingLoss(), notANumberGuard()];
  private readonly operations: Operations;
  private epochStartedMs = 0;
  /** Set when a value stops being a finite number; the run ends with it. */
  private divergence: Divergence | null = null;
  private pauseTold = false;

  constructor(
    private readonly request: RunRequest,
    private readonly images: readonly DatasetImage[],
    private readonly dependencies: RunDependencies,
    private readonly control: RunControl,
    private readonly onEvent: (event: RunEvent) => void,
    private readonly network: Network,
    private readonly plan: Plan,
    private readonly optimizer: Optimizer,
    weightsOrigin: RunRecord['weightsOrigin'],
  ) {
    this.record = newRunRecord(request, network.graph, gpuName(dependencies.gpu.status), weightsOrigin);
    this.operations = operationsOf(plan, request.recipe.optimizer);
  }

  async toItsEnd(): Promise<RunRecord> {
    await this.store();
    this.onEvent({ type: 'runStarted', record: this.record });
    try {
      await this.train();
      await this.test();
      await this.conclude();
    } catch (error) {
      const failure = toFailure(await this.explain(error));
      this.record.status = 'failed';
      this.record.failure = failure.sentence;
    }
    this.stopwatch.pause();
    await this.storeAtEnd();
    this.onEvent({ type: 'runEnded', record: this.record });
    return this.record;
  }

  private async conclude(): Promise<void> {
    const { recipe } = this.request;
    const { gpu } = this.dependencies;
    if (this.divergence) {
      // Of a GPU that failed anything may be read.
      await gpu.settle();
      gpu.check();
      this.record.status = 'diverged';
      const trainingCount = this.record.dataset.counts.train;
      this.record.failure = divergenceSentence(this.divergence, this.network.graph, recipe, trainingCount);
    } else {
      this.record.status = this.record.epochs.length < recipe.epochs ? 'stopped' : 'finished';
    }
  }

  private async train(): Promise<void> {
    const { recipe } = this.request;
    const { gpu } = this.dependencies;
    await this.compile();
    // That has asked for the optimizer's slots, but not for what our kernels write: the first step will.
    await gpu.settle();
    gpu.check();
    await this.obeyPause();
    if (this.control.stopped) return;
    this.epochStartedMs = this.stopwatch.readMs();
    this.phase('training', 'Sending the first batch');
    const events = trainNetwork({
      network: this.network,
      optimizer: this.optimizer,
      recipe,
      images: this.imagesOf('train'),
      readPixels: this.readPixels,
    });
    let eventCount = 0;
    for await (const event of events) {
      eventCount += 1;
      // The first step is sent: it has asked for all it needs. The device answers late, and a second step would go on with
      // buffers that do not exist.
      if (eventCount === 2) await gpu.settle();
      gpu.check();
      if (event.type === 'batch') await this.batchEnded(event);
      else if (event.type === 'epoch') await this.epochEnded(event);
      await this.obeyPause();
      if (this.control.stopped || this.divergence) break;
    }
    this.record.timeMs = this.stopwatch.readMs();
  }

  /**
   * So that no batch waits for a program. The last batch is a short one. Stop ends it at once; a pause is told at once, but
   * compiling goes on: only the first batch waits.
   */
  private async compile(): Promise<void> {
    const { recipe } = this.request;
    const sizesOf = (split: DatasetImage['split']) => {
      const count = this.imagesOf(split).length;
      return [Math.min(count, recipe.batchSize), count % recipe.batchSize].filter((size) => size > 0);
    };
    const batchSizes = { training: sizesOf('train'), inference: [...sizesOf('validation'), ...sizesOf('test')] };
    const onProgress = (done: number, total: number) => {
      this.phase('preparing', `Compiling programs for this GPU: ${done} of ${total}`);
    };
    this.phase('preparing', 'Compiling programs for this GPU');
    this.control.onPauseChanged = () => this.tellPause();
    this.tellPause();
    try {
      await compileNetwork(this.network, this.optimizer, recipe, batchSizes, onProgress, this.control.stopSignal);
    } finally {
      this.control.onPauseChanged = () => undefined;
    }
    this.phase('preparing', '');
  }

  private async batchEnded(event: Extract<TrainingEvent, { type: 'batch' }>): Promise<void> {
    const { recipe } = this.request;
    const { epoch, batch, batchCount, means } = event;
    if (epoch === 1 && batch === 1) this.phase('training', '');
    const verdicts = this.callbacks.map((callback) => callback.onBatchEnd?.(event.batchLoss, epoch, batch));
    this.pace.batchEnded(this.stopwatch.readMs(), event.imageCount);
    const imageCount = this.record.dataset.counts.train;
    const { imagesPerSecond } = this.pace;
    const seenThisEpoch = Math.min(batch * recipe.batchSize, imageCount);
    const epochsLeft = recipe.epochs - epoch;
    this.onEvent({
      type: 'batchEnded',
      epoch,
      batch,
      batchCount,
      loss: means.loss,
      accuracy: means.accuracy,
      imagesPerSecond,
      gflops: imagesPerSecond > 0 ? gflopsOf(this.operations.training * imagesPerSecond, 1000) : null,
      gpuMemory: this.dependencies.gpu.measureMemory().allocated,
      timeLeftMs: this.pace.timeLeftMs(imageCount - seenThisEpoch + epochsLeft * imageCount, epochsLeft + 1),
    });
    if (!says(verdicts, 'diverged')) return;
    this.divergence = { where: 'training', epoch, batch, loss: event.batchLoss };
    const unmeasured = { validationLoss: null, validationAccuracy: null };
    await this.keepEpoch({ epoch, loss: event.batchLoss, accuracy: Number.NaN, ...unmeasured, ...this.measureEpoch() });
  }

  private async epochEnded(event: EpochEvent): Promise<void> {
    const { epoch, means, randomStates } = event;
    this.phase('validating', `Validation after epoch ${epoch}`);
    const validation = await this.evaluateSplit('validation', () => this.control.stopped);
    if (validation === 'given up') return;
    const measured = { ...means, ...this.measureEpoch() };
    if (validation instanceof NotNumbersError) {
      this.divergence = { where: 'validation', epoch, trainingLoss: means.loss, path: validation.path };
      await this.keepEpoch({ epoch, validationLoss: validation.loss, validationAccuracy: null, ...measured });
      return;
    }
    const gflops = gflopsOf(epochOperations(this.operations, this.record.dataset.counts), measured.timeMs);
    const log: EpochLog = {
      epoch,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      ...measured,
      ...(Number.isFinite(gflops) && { gflops }),
    };
    const isBest = says(
      this.callbacks.map((callback) => callback.onEpochEnd?.(log)),
      'best',
    );
    this.phase('saving', `Saving the weights of epoch ${epoch}`);
    try {
      await this.save(log, isBest, randomStates);
    } catch (error) {
      if (!(error instanceof WeightNotNumbersError)) throw error;
      this.divergence = { where: 'weights', epoch, weight: error.weight };
    }
    if (isBest && !this.divergence) this.record.bestEpoch = epoch;
    await this.keepEpoch(log);
    if (!this.divergence) this.phase('training', '');
  }

  /** Weights that are not numbers are never stored: what was kept before stays. */
  private async save(log: EpochLog, isBest: boolean, randomStates: EpochEvent['randomStates']): Promise<void> {
    const { epoch } = log;
    await this.dependencies.checkpoints.save(this.record.id, {
      epoch,
      isBest,
      state: {
        randomStates,
        step: this.optimizer.step,
        record: { ...this.record, epochs: [...this.record.epochs, log] },
      },
      weights: this.trusted(finiteStream(tensorStream(weightTensors(this.network)))),
      slots: this.trusted(tensorStream(this.optimizer.slots)),
    });
  }

  private measureEpoch(): Pick<EpochLog, 'timeMs' | 'tensorCount' | 'gpuBytes'> {
    const { tensorCount, gpuBytes } = this.dependencies.gpu.measureMemory();
    return { timeMs: this.stopwatch.readMs() - this.epochStartedMs, tensorCount, gpuBytes };
  }

  private async keepEpoch(log: EpochLog): Promise<void> {
    this.record.epochs.push(log);
    this.record.timeMs = this.stopwatch.readMs();
    const problem = await this.tryToStore();
    this.onEvent({ type: 'epochEnded', log, bestEpoch: this.record.bestEpoch, timeMs: this.record.timeMs });
    if (problem) {
      const sentence = `${problem} The run goes on, and its weights are stored; its record is stored with the next epoch, if that can be done.`;
      this.onEvent({ type: 'recordNotStored', sentence });
    }
    this.pace.epochEnded(this.stopwatch.readMs());
    this.epochStartedMs = this.stopwatch.readMs();
  }

  /**
   * Last weights, then best. A stopped run is tested with the weights of its last complete epoch; one more Stop gives the
   * test up, and what was not tested stays empty. Of a run that diverged only the best weights are tested.
   */
  private async test(): Promise<void> {
    const { epochs, bestEpoch, test } = this.record;
    if (epochs.length === 0) return;
    const stopsBefore = this.control.stops;
    const evaluateTest = async (kind: WeightsKind, epoch: number) => {
      const evaluation = await this.evaluateSplit('test', () => this.control.stops > stopsBefore);
      this.dependencies.gpu.check();
      if (evaluation instanceof NotNumbersError) {
        this.divergence ??= { where: 'test', kind, epoch, path: evaluation.path };
      } else if (evaluation !== 'given up' && evaluation !== null) {
        test[kind] = scoreOf(evaluation);
        this.predictions[kind] = evaluation.predictions;
      }
    };
    if (!this.divergence) {
      this.phase('testing', 'Testing the last weights');
      if (this.control.stopped) await this.restore('last');
      await evaluateTest('last', epochs.length);
      if (bestEpoch === epochs.length) {
        test.best = test.last;
        this.predictions.best = this.predictions.last;
        return;
      }
    }
    if (bestEpoch === null || this.control.stops > stopsBefore) return;
    this.phase('testing', `Testing the best weights, of epoch ${bestEpoch}`);
    await this.restore('best');
    await evaluateTest('best', bestEpoch);
  }

  private async restore(kind: WeightsKind): Promise<void> {
    const { weights } = await this.dependencies.checkpoints.open(this.record.id, kind);
    await restoreWeights(this.network, weightSpecs(this.network.graph), weights);
  }

  /** Between its batches, pause acts as between training batches; `isGivenUp` ends it. */
  private async evaluateSplit(
    split: 'validation' | 'test',
    isGivenUp: () => boolean,
  ): Promise<EvaluatedSplit | NotNumbersError | null | 'given up'> {
    try {
      return await evaluate(this.network, {
        images: this.imagesOf(split),
        batchSize: this.request.recipe.batchSize,
        readPixels: this.readPixels,
        onProgress: async () => {
          this.dependencies.gpu.check();
          await this.obeyPause();
          if (isGivenUp()) throw new GivenUp();
        },
      });
    } catch (error) {
      if (error instanceof GivenUp) return 'given up';
      if (error instanceof NotNumbersError) return error;
      throw error;
    }
  }

  /** A checkpoint is only named once the GPU has vouched for what was read from it. */
  private trusted(stream: TensorStream): TensorStream {
    const { gpu } = this.dependencies;
    return {
      tensors: stream.tensors,
      async *pieces() {
        yield* stream.pieces();
        gpu.check();
      },
    };
  }

  private async obeyPause(): Promise<void> {
    this.tellPause();
    await this.control.untilResumed();
    this.tellPause();
  }

  /** A pause that Stop ended is over too. */
  private tellPause(): void {
    const { paused } = this.control;
    if (paused === this.pauseTold) return;
    this.pauseTold = paused;
    if (paused) this.stopwatch.pause();
    else this.stopwatch.resume();
    this.onEvent({ type: paused ? 'runPaused' : 'runResumed' });
  }

  /** What the GPU says went wrong comes before what that led to; lack of memory is told with what would fit. */
  private async explain(error: unknown): Promise<unknown> {
    const { gpu } = this.dependencies;
    await gpu.settle();
    const refusal = gpu.refusal();
    if (refusal) {
      const sentence = refusedStep(this.request.recipe, this.plan, gpu.room(), refusal);
      return new StudioError('out-of-memory', sentence, { cause: error });
    }
    try {
      gpu.check();
      return error;
    } catch (failure) {
      return failure;
    }
  }

  private readonly readPixels = async (images: DatasetImage[]): Promise<PixelBatch> =>
    unwrap(
      await this.dependencies.pixels.readPixels({
        datasetId: this.request.dataset.id,
        paths: images.map(({ path }) => path),
        size: this.request.recipe.inputSize,
        interpolation: this.request.recipe.interpolation,
      }),
    );

  private imagesOf(split: DatasetImage['split']): DatasetImage[] {
    return this.images.filter((image) => image.split === split);
  }

  private phase(phase: RunPhase, detail: string): void {
    this.onEvent({ type: 'phaseChanged', phase, detail });
  }

  /** @returns why the record could not be stored; null when it was. */
  private async tryToStore(predictions?: RunPredictions): Promise<string | null> {
    try {
      await this.store(predictions);
      return null;
    } catch (error) {
      return toFailure(error).sentence;
    }
  }

  /** Whatever became of the run is worth a second try. */
  private async storeAtEnd(): Promise<void> {
    if ((await this.tryToStore(this.predictions)) === null) return;
    await new Promise((resolve) => setTimeout(resolve, SECOND_TRY_MS));
    const problem = await this.tryToStore(this.predictions);
    if (!problem) return;
    const sentence = `${problem} How the run ended is shown only until this page is closed or reloaded; the weights of its complete epochs are stored.`;
    this.onEvent({ type: 'recordNotStored', sentence });
  }

  private store(predictions?: RunPredictions): Promise<void> {
    const { gpu } = this.dependencies;
    const { allocated } = gpu.measureMemory();
    if (allocated && gpu.refusal() === null) this.record.peakGpuBytes = allocated.peakBytes;
    return this.dependencies.runs.put(this.record, predictions);
  }
}

type EpochEvent = Extract<TrainingEvent, { type: 'epoch' }>;

function says(verdicts: (Verdict | undefined)[], kind: Verdict['kind']): boolean {
  return verdicts.some((verdict) => verdict?.kind === kind);
}

/** Thrown inside an evaluation that a stop cut short. */
class GivenUp extends Error {}
