/**
 * @file One network's training step, stock and ours in turn.
 *
 * Each side reports its first loss (two that differ are not measured) and warms up (programs are compiled, optimizer
 * slots and pools appear), then readings go A B A B. A reading starts and ends with an empty queue. Where the two sides do
 * not fit together they are read one after the other.
 */

import { buildNetwork } from '../architectures/build-network';
import { trainingStepCost } from '../architectures/cost';
import { planTraining } from '../architectures/plan';
import { toFailure } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import { dispatchCount } from './gpu-tally';
import { lossesApart } from './losses-apart';
import type { BenchOptions } from './options';
import { startOurs } from './our-trainer';
import type { NetworkReport } from './report';
import { openSide, type Side, type SideName } from './side';
import { type Spread, spreadOf } from './statistics';
import { startStock } from './stock-trainer';
import { taskOf } from './task-of-network';
import type { Task, Trainer } from './trainer';

const EPOCH_IMAGES = 339;
const SOFTWARE_STEPS = 3;
const GPU_STEPS = 10;
/** Warm-up steps after the first; none where compiling cannot matter any more. */
const WARM_UP = { software: 1, gpu: 3 };
const SLOW_STEP_MS = 20_000;
/**
 * Short steps are repeated until a reading lasts about this long: on a GPU long enough for the loop to run ahead of it, as in
 * training.
 */
const READINGS = { software: { ms: 60, mostRepeats: 10 }, gpu: { ms: 500, mostRepeats: 100 } };

/** The measurements of one side. */
interface Measured {
  times: Spread;
  peakBytes: number;
  dispatches: number;
}

interface Runner {
  side: Side;
  trainer: Trainer;
  firstLoss: number;
  repeats: number;
  dispatches: number;
  readingsMs: number[];
}

/** Measures one network on both sides; a side that fails has its sentence in the report. */
export async function measureNetwork(
  network: NetworkId,
  options: BenchOptions,
  software: boolean,
  gemmGflops: number,
  say: (line: string) => void,
): Promise<NetworkReport> {
  const task = taskOf(network, options, software);
  const { inputSize, batchSize: batch } = task.recipe;
  say(`${NETWORKS[network].name}, ${inputSize} px, batch ${batch}`);
  const cost = stepCost(task);
  const count = options.steps ?? (software ? SOFTWARE_STEPS : GPU_STEPS);
  const names: SideName[] = options.skipStock ? ['ours'] : ['ours', 'stock'];
  const { results, firstLosses, failures, inTurn } = await measureSides(names, task, software, count, say);
  const { stock = null, ours = null } = results;
  const stockMs = stock?.times.median ?? null;
  const oursMs = ours?.times.median ?? null;
  const gflops = oursMs === null ? null : cost.flops / (oursMs * 1e6);
  const epochSeconds = (stepMs: number | null) => stepMs && (stepMs * EPOCH_IMAGES) / batch / 1000;
  return {
    inputSize,
    batch,
    stockMs,
    oursMs,
    ratio: stockMs && oursMs && stockMs / oursMs,
    stockSpreadMs: stock?.times ?? null,
    oursSpreadMs: ours?.times ?? null,
    stockPeakBytes: stock?.peakBytes ?? null,
    oursPeakBytes: ours?.peakBytes ?? null,
    gflops,
    shareOfGemm: gflops && gflops / gemmGflops,
    dispatches: ours?.dispatches ?? null,
    stockDispatches: stock?.dispatches ?? null,
    stepFlops: cost.flops,
    stepBytes: cost.bytes,
    gigabytesPerSecond: oursMs && cost.bytes / (oursMs * 1e6),
    epochSeconds: epochSeconds(oursMs),
    stockEpochSeconds: epochSeconds(stockMs),
    augmentation: options.augmentation,
    firstLosses,
    inTurn,
    stockFailure: failures.stock ?? null,
    oursFailure: failures.ours ?? null,
  };
}

function stepCost({ recipe, classCount }: Task) {
  const graph = buildNetwork(recipe.network, recipe.inputSize, classCount);
  return trainingStepCost(planTraining(graph), recipe.batchSize, recipe.optimizer);
}

type Sides<T> = Partial<Record<SideName, T>>;

interface Outcome {
  results: Sides<Measured>;
  firstLosses: Sides<number>;
  failures: Sides<string>;
  inTurn: boolean;
}

async function measureSides(
  names: SideName[],
  task: Task,
  software: boolean,
  count: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const { runners, failures } = await startAll(names, task, software, say);
  const firstLosses = firstLossesOf(runners);
  if (runners.length === names.length) {
    const apart = lossesApart(firstLosses);
    const failure = apart ?? (await readInTurn(runners, count, say));
    const results = resultsOf(runners);
    await closeAll(runners);
    if (apart) return { results: {}, firstLosses, failures: { ours: apart, stock: apart }, inTurn: true };
    if (!failure) return { results, firstLosses, failures, inTurn: true };
  }
  await closeAll(runners);
  const results: Sides<Measured> = {};
  for (const name of names) {
    say(`  ${name} alone`);
    const alone = await startAll([name], task, software, say);
    Object.assign(firstLosses, firstLossesOf(alone.runners));
    failures[name] =
      alone.failures[name] ?? lossesApart(firstLosses) ?? (await readInTurn(alone.runners, count, say)) ?? undefined;
    if (!failures[name]) results[name] = resultsOf(alone.runners)[name];
    await closeAll(alone.runners);
  }
  return { results, firstLosses, failures, inTurn: names.length < 2 };
}

function firstLossesOf(runners: Runner[]): Sides<number> {
  return Object.fromEntries(runners.map(({ side, firstLoss }) => [side.name, firstLoss]));
}

async function startAll(names: SideName[], task: Task, software: boolean, say: (line: string) => void) {
  const runners: Runner[] = [];
  const failures: Sides<string> = {};
  for (const name of names) {
    const startedAt = performance.now();
    try {
      const runner = await startSide(name, task, software);
      runners.push(runner);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`  ${name} warmed up in ${seconds} s, first loss ${runner.firstLoss.toFixed(4)}`);
    } catch (error) {
      failures[name] = sentenceOf(error);
      say(`  ${name} failed: ${failures[name]}`);
      break;
    }
  }
  return { runners, failures };
}

/** Built and warmed up. */
async function startSide(name: SideName, task: Task, software: boolean): Promise<Runner> {
  const side = await openSide(name);
  let trainer: Trainer | null = null;
  try {
    await side.activate();
    trainer = name === 'ours' ? startOurs(task) : startStock(task);
    const firstLoss = await trainer.firstLoss();
    const runner: Runner = { side, trainer, firstLoss, repeats: 1, dispatches: 0, readingsMs: [] };
    let lastMs = await readStep(runner);
    const { ms, mostRepeats } = software ? READINGS.software : READINGS.gpu;
    const more = lastMs > SLOW_STEP_MS ? 0 : software ? WARM_UP.software : WARM_UP.gpu;
    for (let step = 0; step < more; step += 1) lastMs = await readStep(runner);
    runner.repeats = Math.min(mostRepeats, Math.max(1, Math.ceil(ms / lastMs)));
    return runner;
  } catch (error) {
    await trainer?.dispose().catch(() => undefined);
    await side.close();
    throw error;
  }
}

/** @returns the sentence of the first failure, or null. */
async function readInTurn(runners: Runner[], count: number, say: (line: string) => void): Promise<string | null> {
  try {
    for (let reading = 0; reading < count; reading += 1) {
      for (const runner of runners) {
        await runner.side.activate();
        runner.readingsMs.push(await readStep(runner));
      }
      const texts = runners.map(({ side, readingsMs }) => `${side.name} ${readingsMs[reading].toFixed(1)} ms`);
      say(`  reading ${reading + 1}: ${texts.join(', ')}`);
    }
    return null;
  } catch (error) {
    say(`  failed: ${sentenceOf(error)}`);
    return sentenceOf(error);
  }
}

/** Milliseconds of one step, from an empty queue to an empty queue. */
async function readStep(runner: Runner): Promise<number> {
  const { side, trainer, repeats } = runner;
  await side.drain();
  const dispatchesBefore = dispatchCount();
  const startedAt = performance.now();
  let loss = 0;
  for (let i = 0; i < repeats; i += 1) loss = await trainer.step();
  await side.drain();
  const elapsedMs = performance.now() - startedAt;
  runner.dispatches = Math.round((dispatchCount() - dispatchesBefore) / repeats);
  side.check();
  if (!Number.isFinite(loss)) throw new Error(`The loss was ${loss}, so the step did not compute what it should.`);
  return elapsedMs / repeats;
}

function resultsOf(runners: Runner[]): Sides<Measured> {
  const entries = runners
    .filter(({ readingsMs }) => readingsMs.length > 0)
    .map(({ side, readingsMs, dispatches }): [SideName, Measured] => {
      return [side.name, { times: spreadOf(readingsMs), peakBytes: side.tally.peakBytes, dispatches }];
    });
  return Object.fromEntries(entries);
}

async function closeAll(runners: Runner[]): Promise<void> {
  for (const { side, trainer } of runners.splice(0)) {
    await side.activate();
    await trainer.dispose().catch(() => undefined);
    await side.close();
  }
}

function sentenceOf(error: unknown): string {
  const { code, sentence, cause } = toFailure(error);
  return code === 'unexpected' ? (cause ?? sentence).split('\n')[0] : sentence;
}
