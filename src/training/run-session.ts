/**
 * @file One run from its initial weights, or from its checkpoint, to the end of its test.
 *
 * Everything that outlives the run goes through the two stores: after each epoch the checkpoint first, then the record,
 * so that a record never names weights that are not there. Whatever ends the run early leaves both whole.
 */

import { operationsOf } from '../architectures/operations';
import type { TrainingPosition } from '../domain/checkpoint';
import type { DatasetImage } from '../domain/dataset';
import type { RunEvent, RunPhase, RunRequest } from '../domain/protocol';
import { isOver } from '../domain/recovery';
import { type EpochLog, isTrained, type RunPredictions, type RunRecord } from '../domain/run';
import { beginNew, beginRestored, type RunBeginning } from './begin-run';
import type { Callback, Verdict } from './callbacks/callback';
import { runCallbacks } from './callbacks/run-callbacks';
import { CheckpointKeeper } from './checkpoint-keeper';
import { collapseSentence } from './collapse';
import { compileNetwork } from './compile-network';
import { type Divergence, divergenceSentence } from './divergence';
import { evaluate, NotNumbersError } from './evaluate';
import { RecordKeeper } from './record-keeper';
import type { RunControl } from './run-control';
import { explainFailure } from './run-failure';
import { type RunDependencies, type RunParts, releaseParts } from './run-parts';
import { RunTelemetry } from './run-telemetry';
import { testRun } from './test-run';
import { type TrainingEvent, trainNetwork } from './train-network';

type Listener = (event: RunEvent) => void;

/** One run, new or restored: trained, tested and stored by {@link RunSession.run}. */
export class RunSession {
  private readonly parts: RunParts;
  private readonly record: RunRecord;
  /** Where training begins; undefined before the first step. */
  private readonly position: TrainingPosition | undefined;
  private readonly callbacks: Callback[];
  private readonly telemetry: RunTelemetry;
  private readonly keeper: RecordKeeper;
  private readonly checkpoints: CheckpointKeeper;
  private predictions: RunPredictions = { last: null, best: null };
  /** Set when a value stops being a finite number; the run ends with it. */
  private divergence: Divergence | null = null;
  private isFirstBatch = true;
  private pauseReported = false;

  private constructor(
    { parts, record, position, elapsed, callbackStates }: RunBeginning,
    private readonly dependencies: RunDependencies,
    private readonly onEvent: Listener,
  ) {
    this.parts = parts;
    this.record = record;
    this.position = position;
    const { recipe, plan } = parts;
    this.callbacks = runCallbacks(parts, record);
    for (const callback of this.callbacks) {
      const kept = callbackStates[callback.name];
      if (kept) callback.restore?.(kept);
    }
    const operations = operationsOf(plan, recipe.optimizer);
    this.telemetry = new RunTelemetry(recipe, record.dataset.counts, operations, dependencies.device, elapsed);
    this.keeper = new RecordKeeper(record, dependencies.runs, dependencies.device, (sentence) =>
      onEvent({ type: 'recordNotStored', sentence }),
    );
    this.checkpoints = new CheckpointKeeper({
      parts,
      device: dependencies.device,
      record,
      telemetry: this.telemetry,
      callbacks: this.callbacks,
      onEvent,
    });
  }

  /** A new run, with its initial weights or those of its ancestor. @throws what {@link beginNew} throws. */
  static async create(request: RunRequest, dependencies: RunDependencies, onEvent: Listener): Promise<RunSession> {
    return new RunSession(await beginNew(request, dependencies, onEvent), dependencies, onEvent);
  }

  /** A stored run, which goes on as if it had never stopped. @throws what {@link beginRestored} throws. */
  static async restore(request: RunRequest, dependencies: RunDependencies, onEvent: Listener): Promise<RunSession> {
    return new RunSession(await beginRestored(request, dependencies, onEvent), dependencies, onEvent);
  }

  /**
   * Trains, tests and stores; to be called once. Frees what the session holds. A record that cannot be stored on the way
   * ends no run: its weights are, and the person is informed by an event.
   * @returns the record, stored where that can be done: finished, stopped, or with its sentence failed, diverged, or interrupted by
   * the loss of the device.
   * @throws {StudioError} when its record could not be stored at the beginning; `deleted` when it was deleted meanwhile: then
   * nothing of the run is kept.
   */
  async run(control: RunControl): Promise<RunRecord> {
    const { record } = this;
    try {
      await this.keeper.storeAtStart();
      this.onEvent({ type: 'runStarted', record });
      try {
        await this.train(control);
        await this.test(control);
        await this.conclude();
      } catch (error) {
        const { recipe, plan } = this.parts;
        const { code, sentence } = await explainFailure(error, this.dependencies.device, recipe, plan);
        record.status = code === 'gpu-lost' ? 'interrupted' : 'failed';
        record.failure = sentence;
      }
      this.telemetry.pause();
      const isStored = await this.storeAtEnd();
      // A run whose stored record is behind can still be continued.
      if (isStored && isOver(record)) await this.parts.checkpoints.keepWeightsOnly();
      this.onEvent({ type: 'runEnded', record });
      return record;
    } finally {
      await releaseParts(this.parts);
    }
  }

  /** @throws {StudioError} deleted; its weights are removed then. */
  private async storeAtEnd(): Promise<boolean> {
    try {
      return await this.keeper.storeAtEnd(this.predictions);
    } catch (error) {
      // What cannot be removed now is removed by the sweep at the next start: no record names it.
      await this.dependencies.checkpoints.delete(this.record.id).catch(() => undefined);
      throw error;
    }
  }

  private async conclude(): Promise<void> {
    const { record, divergence } = this;
    const { recipe, network } = this.parts;
    const { device } = this.dependencies;
    if (!divergence) {
      record.status = isTrained(record) ? 'finished' : 'stopped';
      return;
    }
    // A failed device may return any numbers.
    await device.settle();
    device.check();
    record.status = 'diverged';
    record.failure = divergenceSentence(divergence, network.graph, recipe, record.dataset.counts.train);
  }

  private async train(control: RunControl): Promise<void> {
    const { network, optimizer, recipe, images, classWeights } = this.parts;
    const { device } = this.dependencies;
    // Its checkpoint is from after its last epoch: only its test is left.
    if (isTrained(this.record)) return;
    await this.compile(control);
    // The slots are allocated now, but not what our kernels write: the first step allocates that.
    await device.settle();
    device.check();
    await this.obeyPause(control);
    if (control.stopped) return;
    this.telemetry.trainingStarts();
    this.phase('training', 'Sending the first batch');
    const events = trainNetwork({
      network,
      optimizer,
      recipe,
      images: images.of('train'),
      readPixels: images.read,
      classWeights,
      inputScaling: this.record.inputScaling,
      from: this.position,
    });
    let eventCount = 0;
    for await (const event of events) {
      eventCount += 1;
      // The first step is sent, with all its buffers requested. The device reports refusals late, and a second step would use
      // buffers that do not exist.
      if (eventCount === 2) await device.settle();
      device.check();
      if (event.type === 'ready') await this.keepWithinEpoch(event);
      else if (event.type === 'batch') await this.batchEnded(event);
      else if (event.type === 'epoch') await this.epochEnded(event, control);
      await this.obeyPause(control);
      if (control.stopped || this.divergence || this.record.stoppedEarly) break;
    }
    this.record.timeMs = this.telemetry.elapsedMs;
  }

  /**
   * Compiles all programs ahead, also for the short last batch. Stop ends it at once. A pause is reported at once, but
   * compiling goes on: only the first batch waits.
   */
  private async compile(control: RunControl): Promise<void> {
    const { network, optimizer, recipe, images, classWeights } = this.parts;
    const sizesOf = (split: DatasetImage['split']) => {
      const count = images.of(split).length;
      return [Math.min(count, recipe.batchSize), count % recipe.batchSize].filter((size) => size > 0);
    };
    const batchSizes = { training: sizesOf('train'), inference: [...sizesOf('validation'), ...sizesOf('test')] };
    const onProgress = (done: number, total: number) => {
      this.phase('preparing', `Compiling programs for this GPU: ${done} of ${total}`);
    };
    if (this.dependencies.device.compilesPrograms) this.phase('preparing', 'Compiling programs for this GPU');
    control.onPauseChanged = () => this.reportPause(control);
    this.reportPause(control);
    try {
      await compileNetwork(network, optimizer, recipe, batchSizes, onProgress, control.stopSignal, {
        classWeights,
        inputScaling: this.record.inputScaling,
      });
    } finally {
      control.onPauseChanged = () => undefined;
    }
    this.phase('preparing', '');
  }

  private async batchEnded(event: Extract<TrainingEvent, { type: 'batch' }>): Promise<void> {
    const { epoch, batch, batchLoss: loss } = event;
    if (this.isFirstBatch) this.phase('training', '');
    this.isFirstBatch = false;
    const verdicts = this.callbacks.map((callback) => callback.onBatchEnd?.(loss, epoch, batch));
    this.onEvent(this.telemetry.batchEnded(event));
    if (!says(verdicts, 'diverged')) return;
    this.divergence = { where: 'training', epoch, batch, loss };
    const unmeasured = { accuracy: Number.NaN, validationLoss: null, validationAccuracy: null };
    await this.keepEpoch({ epoch, loss, ...unmeasured, ...this.telemetry.measureEpoch() });
  }

  /** Weights that are not finite numbers are found here too; then no epoch is added to the curve. */
  private async keepWithinEpoch({ position }: Extract<TrainingEvent, { type: 'ready' }>): Promise<void> {
    const kept = await this.checkpoints.keepWithinEpoch(position);
    if (typeof kept === 'object') this.divergence = kept;
    // The checkpoint first, then the record that speaks of it.
    if (kept === 'stored') await this.keeper.storeOnTheWay();
  }

  private async epochEnded(event: Extract<TrainingEvent, { type: 'epoch' }>, control: RunControl): Promise<void> {
    const { epoch, means } = event;
    this.phase('validating', `Validation after epoch ${epoch}`);
    const validation = await this.evaluateSplit('validation', control, () => control.stopped);
    if (validation === 'given up') return;
    const measured = { ...means, ...this.telemetry.measureEpoch() };
    if (validation instanceof NotNumbersError) {
      this.divergence = { where: 'validation', epoch, trainingLoss: means.loss, path: validation.path };
      await this.keepEpoch({ epoch, validationLoss: validation.loss, validationAccuracy: null, ...measured });
      return;
    }
    const log: EpochLog = {
      epoch,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      ...measured,
      ...this.telemetry.epochGflops(measured.timeMs),
    };
    const predictions = validation?.predictions ?? [];
    const verdicts = this.callbacks.map((callback) => callback.onEpochEnd?.(log, predictions));
    this.obey(verdicts, epoch);
    const kept = await this.checkpoints.keepEpoch(log, says(verdicts, 'best'), event.position);
    if (typeof kept === 'object') this.divergence = kept;
    await this.keepEpoch(log);
    if (!this.divergence) this.phase('training', '');
  }

  /** Notes in the record what the callbacks say of the run, before its checkpoint is written. */
  private obey(verdicts: (Verdict | undefined)[], epoch: number): void {
    const { record } = this;
    const { recipe, trainCounts } = this.parts;
    const stop = verdicts.find((verdict) => verdict?.kind === 'stop');
    if (stop && epoch < recipe.epochs) record.stoppedEarly = { epoch, lowestEpoch: stop.lowestEpoch };
    const seen = verdicts.find((verdict) => verdict?.kind === 'collapsed');
    const { classNames } = record.dataset;
    record.collapse = seen && collapseSentence(seen.collapse, recipe, classNames, trainCounts);
  }

  private async keepEpoch(log: EpochLog): Promise<void> {
    const { record, telemetry } = this;
    record.epochs.push(log);
    record.timeMs = telemetry.elapsedMs;
    await this.keeper.storeOnTheWay();
    const { bestEpoch, timeMs, collapse = null } = record;
    this.onEvent({ type: 'epochEnded', log, bestEpoch, timeMs, collapse });
    telemetry.epochEnded();
  }

  private async test(control: RunControl): Promise<void> {
    const { record } = this;
    const { device } = this.dependencies;
    const { predictions, divergence } = await testRun(record, this.divergence, control, {
      report: (detail) => this.phase('testing', detail),
      restore: (kind) => this.parts.checkpoints.restoreWeights(record, kind),
      evaluate: async (isGivenUp) => {
        const evaluated = await this.evaluateSplit('test', control, isGivenUp);
        // What the device could not do for the last batch it may say after the predictions.
        await device.settle();
        device.check();
        return evaluated;
      },
    });
    this.predictions = predictions;
    this.divergence = divergence;
  }

  /** Between its batches, pause acts as between training batches; `isGivenUp` ends it. */
  private async evaluateSplit(split: 'validation' | 'test', control: RunControl, isGivenUp: () => boolean) {
    const { network, images, recipe } = this.parts;
    try {
      return await evaluate(network, {
        images: images.of(split),
        batchSize: recipe.batchSize,
        inputScaling: this.record.inputScaling,
        readPixels: images.read,
        onProgress: async () => {
          this.dependencies.device.check();
          await this.obeyPause(control);
          if (isGivenUp()) throw new GivenUp();
        },
      });
    } catch (error) {
      if (error instanceof GivenUp) return 'given up' as const;
      if (error instanceof NotNumbersError) return error;
      throw error;
    }
  }

  private async obeyPause(control: RunControl): Promise<void> {
    this.reportPause(control);
    await control.untilResumed();
    this.reportPause(control);
  }

  /** Reports each change once. Stop ends a pause too. */
  private reportPause({ paused }: RunControl): void {
    if (paused === this.pauseReported) return;
    this.pauseReported = paused;
    if (paused) this.telemetry.pause();
    else this.telemetry.resume();
    this.onEvent({ type: paused ? 'runPaused' : 'runResumed' });
  }

  private phase(phase: RunPhase, detail: string): void {
    this.onEvent({ type: 'phaseChanged', phase, detail });
  }
}

function says(verdicts: (Verdict | undefined)[], kind: Verdict['kind']): boolean {
  return verdicts.some((verdict) => verdict?.kind === kind);
}

/** Thrown inside an evaluation that a stop cut short. */
class GivenUp extends Error {}
