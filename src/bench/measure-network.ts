/**
 * @file One network's training step, the sides in turn.
 *
 * Each side reports its first loss (those that differ are not measured) and warms up (programs are compiled, optimizer
 * slots and pools appear), then readings go A B A B. A reading starts and ends with an empty queue. Where the sides do
 * not fit together they are read one after the other.
 */

import { buildNetwork } from '../architectures/build-network';
import { trainingStepCost } from '../architectures/cost';
import { planTraining } from '../architectures/plan';
import { toFailure } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import { dispatchCount } from './gpu-tally';
import { lossesApart } from './losses-apart';
import { type Conditions, openSide } from './open-side';
import type { BenchOptions } from './options';
import { startOurs } from './our-trainer';
import type { NetworkReport, SideReport } from './report';
import type { Side } from './side';
import { type MeasuredSide, type Pace, SIDE_TITLES } from './side-name';
import { spreadOf } from './statistics';
import { startStock } from './stock-trainer';
import { taskOf } from './task-of-network';
import type { Task, Trainer } from './trainer';

const STEPS: Record<Pace, number> = { software: 3, gpu: 10, processor: 3 };
/** Warm-up steps after the first; none where compiling cannot matter any more. */
const WARM_UP: Record<Pace, number> = { software: 1, gpu: 3, processor: 1 };
const SLOW_STEP_MS = 20_000;
/**
 * Short steps are repeated until a reading lasts about this long: on a GPU long enough for the loop to run ahead of it, as in
 * training.
 */
const READINGS: Record<Pace, { ms: number; mostRepeats: number }> = {
  software: { ms: 60, mostRepeats: 10 },
  gpu: { ms: 500, mostRepeats: 100 },
  processor: { ms: 500, mostRepeats: 10 },
};

/** What all steps of a run are measured with. */
export interface NetworkTerms extends Conditions {
  sides: readonly MeasuredSide[];
  pace: Pace;
  gemmGflops: number;
}

interface Runner {
  side: Side;
  trainer: Trainer;
  firstLoss: number;
  repeats: number;
  dispatches: number;
  readingsMs: number[];
}

/** Measures one network on all sides; a side that fails has its sentence in the report. */
export async function measureNetwork(
  network: NetworkId,
  options: Pick<BenchOptions, 'inputSize' | 'batch' | 'augmentation' | 'steps'>,
  terms: NetworkTerms,
  say: (line: string) => void,
): Promise<NetworkReport> {
  const task = taskOf(network, options, terms.pace);
  const { inputSize, batchSize: batch } = task.recipe;
  say(`${NETWORKS[network].name}, ${inputSize} px, batch ${batch}`);
  const cost = stepCost(task);
  const count = options.steps ?? STEPS[terms.pace];
  const { sides, firstLosses, failures, inTurn } = await measureSides(task, terms, count, say);
  const oursMs = sides.ours?.ms ?? null;
  const gflops = oursMs && cost.flops / (oursMs * 1e6);
  return {
    inputSize,
    batch,
    augmentation: options.augmentation,
    sides,
    ratios: ratiosTo(oursMs, sides),
    failures,
    imagesPerSecond: oursMs && (1000 * batch) / oursMs,
    gflops,
    shareOfGemm: gflops && gflops / terms.gemmGflops,
    stepFlops: cost.flops,
    stepBytes: cost.bytes,
    gigabytesPerSecond: oursMs && cost.bytes / (oursMs * 1e6),
    firstLosses,
    inTurn,
  };
}

/** Each other side's time over ours. */
export function ratiosTo(oursMs: number | null, sides: Sides<{ ms: number }>): Sides<number> {
  if (oursMs === null) return {};
  const others = Object.entries(sides).filter(([name]) => name !== 'ours');
  return Object.fromEntries(others.map(([name, { ms }]) => [name, ms / oursMs]));
}

function stepCost({ recipe, classCount }: Task) {
  const graph = buildNetwork(recipe.network, recipe.inputSize, classCount);
  return trainingStepCost(planTraining(graph), recipe.batchSize, recipe.optimizer);
}

type Sides<T> = Partial<Record<MeasuredSide, T>>;

interface Outcome {
  sides: Sides<SideReport>;
  firstLosses: Sides<number>;
  failures: Sides<string>;
  inTurn: boolean;
}

async function measureSides(
  task: Task,
  terms: NetworkTerms,
  count: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const names = terms.sides;
  const { runners, failures } = await startAll(names, task, terms, say);
  const firstLosses = firstLossesOf(runners);
  if (runners.length === names.length) {
    const apart = lossesApart(firstLosses);
    const failure = apart ?? (await readInTurn(runners, count, say));
    const sides = resultsOf(runners);
    await closeAll(runners);
    if (apart) return { sides: {}, firstLosses, failures: { ours: apart }, inTurn: true };
    if (!failure) return { sides, firstLosses, failures, inTurn: true };
  }
  await closeAll(runners);
  const sides: Sides<SideReport> = {};
  for (const name of names) {
    say(`  ${SIDE_TITLES[name]} alone`);
    const alone = await startAll([name], task, terms, say);
    Object.assign(firstLosses, firstLossesOf(alone.runners));
    failures[name] =
      alone.failures[name] ?? lossesApart(firstLosses) ?? (await readInTurn(alone.runners, count, say)) ?? undefined;
    if (!failures[name]) sides[name] = resultsOf(alone.runners)[name];
    await closeAll(alone.runners);
  }
  return { sides, firstLosses, failures, inTurn: names.length < 2 };
}

function firstLossesOf(runners: Runner[]): Sides<number> {
  return Object.fromEntries(runners.map(({ side, firstLoss }) => [side.name, firstLoss]));
}

async function startAll(names: readonly MeasuredSide[], task: Task, terms: NetworkTerms, say: (line: string) => void) {
  const runners: Runner[] = [];
  const failures: Sides<string> = {};
  for (const name of names) {
    const startedAt = performance.now();
    try {
      const runner = await startSide(name, task, terms);
      runners.push(runner);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`  ${SIDE_TITLES[name]} warmed up in ${seconds} s, first loss ${runner.firstLoss.toFixed(4)}`);
    } catch (error) {
      failures[name] = sentenceOf(error);
      say(`  ${SIDE_TITLES[name]} failed: ${failures[name]}`);
      break;
    }
  }
  return { runners, failures };
}

/** Built and warmed up. */
async function startSide(name: MeasuredSide, task: Task, terms: NetworkTerms): Promise<Runner> {
  const side = await openSide(name, terms);
  let trainer: Trainer | null = null;
  try {
    await side.activate();
    trainer = name === 'stock' ? startStock(task) : startOurs(task);
    const firstLoss = await trainer.firstLoss();
    const runner: Runner = { side, trainer, firstLoss, repeats: 1, dispatches: 0, readingsMs: [] };
    let lastMs = await readStep(runner);
    const { ms, mostRepeats } = READINGS[terms.pace];
    const more = lastMs > SLOW_STEP_MS ? 0 : WARM_UP[terms.pace];
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
      const texts = runners.map(
        ({ side, readingsMs }) => `${SIDE_TITLES[side.name]} ${readingsMs[reading].toFixed(1)} ms`,
      );
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

function resultsOf(runners: Runner[]): Sides<SideReport> {
  const entries = runners
    .filter(({ readingsMs }) => readingsMs.length > 0)
    .map(({ side: { name, tally }, readingsMs, dispatches }): [MeasuredSide, SideReport] => {
      const { peakBytes, heapBytes } = tally;
      const spreadMs = spreadOf(readingsMs);
      const onDevice = heapBytes === undefined ? { dispatches } : { heapBytes };
      return [name, { ms: spreadMs.median, spreadMs, peakBytes, ...onDevice }];
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
