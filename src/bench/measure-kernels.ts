/**
 * @file The kernels of a training step one by one, the sides in turn, at the shapes that the networks' steps have.
 *
 * The shapes come from recording one step of ours for each network. A call is warmed up on every side (its programs are
 * compiled), then readings go A B A B, each from an empty queue to an empty queue and long enough to be read.
 */

import { NETWORKS, type NetworkId } from '../domain/network';
import { type ChosenCall, chooseCalls } from './choose-calls';
import { KERNEL_ROWS } from './kernel-rows';
import { type NetworkTerms, ratiosTo } from './measure-network';
import { openSide } from './open-side';
import type { BenchOptions } from './options';
import { startOurs } from './our-trainer';
import { shareProcessor } from './processor-side';
import { type CountedCall, recordCalls } from './record-calls';
import type { KernelReport } from './report';
import { type MeasuredSide, type Pace, SIDE_TITLES } from './side-name';
import { spreadOf } from './statistics';
import { taskOf } from './task-of-network';
import { type CallTimes, type OpenSide, type Readings, timeCall } from './time-call';

const SHAPES: Record<Pace, number> = { software: 3, gpu: 5, processor: 3 };
const READINGS: Record<Pace, Readings> = {
  software: { count: 3, readingMs: 40 },
  gpu: { count: 10, readingMs: 60 },
  processor: { count: 5, readingMs: 60 },
};

/** @param networks to take the shapes from; each must be as large as its network needs. */
export async function measureKernels(
  networks: readonly NetworkId[],
  options: BenchOptions,
  terms: NetworkTerms,
  say: (line: string) => void,
  onMeasured: (reports: KernelReport[]) => void,
): Promise<KernelReport[]> {
  const { pace, sides } = terms;
  const recorded = [];
  for (const network of networks) recorded.push({ network, ...(await recordStep(network, options, terms)) });
  const chosen = chooseCalls(recorded, KERNEL_ROWS, options.shapes ?? SHAPES[pace]);
  say(`${chosen.length} kernels and shapes of ${networks.map((id) => NETWORKS[id].name).join(', ')}`);
  const readings = { ...READINGS[pace], ...(options.steps === null ? {} : { count: options.steps }) };
  const processor = terms.device === 'processor' ? await shareProcessor(terms.threads) : null;
  const open: OpenSide = async (name) =>
    processor && name === 'ours' ? processor.open() : await openSide(name, terms);
  const reports: KernelReport[] = [];
  for (const call of chosen) {
    const batch = recorded.find(({ network }) => call.calls[network] !== undefined)?.batch ?? 0;
    const times = await timeCall(call, KERNEL_ROWS[call.kernel], readings, sides, open);
    const report = reportOf(call, batch, times, terms.gemmGflops);
    reports.push(report);
    say(`  ${report.title}, ${report.shape}: ${sides.map((name) => timeText(report, name)).join(', ')}`);
    onMeasured(reports);
  }
  processor?.stop();
  return reports;
}

function reportOf(call: ChosenCall, batch: number, times: CallTimes, gemmGflops: number): KernelReport {
  const row = KERNEL_ROWS[call.kernel];
  const { flops, bytes } = row.cost(call);
  const { failures, ...readings } = times;
  const sides: KernelReport['sides'] = {};
  for (const [name, readingsMs] of Object.entries(readings) as [MeasuredSide, number[]][]) {
    const spreadMs = spreadOf(readingsMs);
    sides[name] = { ms: spreadMs.median, spreadMs };
  }
  const oursMs = sides.ours?.ms ?? null;
  const gflops = oursMs && flops / (oursMs * 1e6);
  return {
    kernel: call.kernel,
    title: row.title,
    shape: row.describe(call),
    batch,
    calls: call.calls,
    flops,
    bytes,
    sides,
    ratios: ratiosTo(oursMs, sides),
    failures,
    gflops,
    gigabytesPerSecond: oursMs && bytes / (oursMs * 1e6),
    product: row.product,
    shareOfGemm: row.product ? gflops && gflops / gemmGflops : null,
  };
}

function timeText({ sides }: KernelReport, name: MeasuredSide): string {
  const ms = sides[name]?.ms;
  return `${ms === undefined ? 'nothing' : `${ms.toFixed(2)} ms`} ${SIDE_TITLES[name]}`;
}

/** The kernels of one training step of ours. */
async function recordStep(
  network: NetworkId,
  options: BenchOptions,
  terms: NetworkTerms,
): Promise<{ calls: CountedCall[]; batch: number }> {
  const task = taskOf(network, options, terms.pace);
  const side = await openSide('ours', terms);
  try {
    await side.activate();
    const trainer = startOurs(task);
    // The first sends two batches, since losses are read late; from then on a step is one.
    await trainer.step();
    const calls = await recordCalls(() => trainer.step());
    side.check();
    await trainer.dispose();
    return { calls, batch: task.recipe.batchSize };
  } finally {
    await side.close();
  }
}
