/**
 * @file The kernels of a training step one by one, stock and ours in turn, at the shapes that the networks' steps have.
 *
 * The shapes come from recording one step of ours for each network. A call is warmed up on both sides (its programs are
 * compiled), then readings go A B A B, each from an empty queue to an empty queue and long enough to be read.
 */

import { NETWORKS, type NetworkId } from '../domain/network';
import { type ChosenCall, chooseCalls } from './choose-calls';
import { KERNEL_ROWS } from './kernel-rows';
import type { BenchOptions } from './options';
import { startOurs } from './our-trainer';
import { type CountedCall, recordCalls } from './record-calls';
import type { KernelReport } from './report';
import { openSide } from './side';
import { spreadOf } from './statistics';
import { taskOf } from './task-of-network';
import { type CallTimes, type Readings, timeCall } from './time-call';

const SHAPES = { software: 3, gpu: 5 };
const READINGS: Record<'software' | 'gpu', Readings> = {
  software: { count: 3, readingMs: 40 },
  gpu: { count: 10, readingMs: 60 },
};

/** @param networks to take the shapes from; each must be as large as its network needs. */
export async function measureKernels(
  networks: readonly NetworkId[],
  options: BenchOptions,
  software: boolean,
  say: (line: string) => void,
  onMeasured: (reports: KernelReport[]) => void,
): Promise<KernelReport[]> {
  const kind = software ? 'software' : 'gpu';
  const recorded = [];
  for (const network of networks) recorded.push({ network, ...(await recordStep(network, options, software)) });
  const chosen = chooseCalls(recorded, KERNEL_ROWS, options.shapes ?? SHAPES[kind]);
  say(`${chosen.length} kernels and shapes of ${networks.map((id) => NETWORKS[id].name).join(', ')}`);
  const readings = { ...READINGS[kind], ...(options.steps === null ? {} : { count: options.steps }) };
  const reports: KernelReport[] = [];
  for (const call of chosen) {
    const batch = recorded.find(({ network }) => call.calls[network] !== undefined)?.batch ?? 0;
    const times = await timeCall(call, KERNEL_ROWS[call.kernel], readings, options.skipStock);
    const report = reportOf(call, batch, times);
    reports.push(report);
    say(`  ${report.title}, ${report.shape}: ${timeText(report.stockMs)} stock, ${timeText(report.oursMs)} ours`);
    onMeasured(reports);
  }
  return reports;
}

function reportOf(call: ChosenCall, batch: number, { stock, ours, failures }: CallTimes): KernelReport {
  const row = KERNEL_ROWS[call.kernel];
  const { flops, bytes } = row.cost(call);
  const stockSpreadMs = stock ? spreadOf(stock) : null;
  const oursSpreadMs = ours ? spreadOf(ours) : null;
  const stockMs = stockSpreadMs?.median ?? null;
  const oursMs = oursSpreadMs?.median ?? null;
  return {
    kernel: call.kernel,
    title: row.title,
    shape: row.describe(call),
    batch,
    calls: call.calls,
    flops,
    bytes,
    stockMs,
    oursMs,
    ratio: stockMs && oursMs && stockMs / oursMs,
    stockSpreadMs,
    oursSpreadMs,
    gflops: oursMs && flops / (oursMs * 1e6),
    gigabytesPerSecond: oursMs && bytes / (oursMs * 1e6),
    product: row.product,
    stockFailure: failures.stock ?? null,
    oursFailure: failures.ours ?? null,
  };
}

const timeText = (ms: number | null): string => (ms === null ? 'nothing' : `${ms.toFixed(2)} ms`);

/** The kernels of one training step of ours. */
async function recordStep(
  network: NetworkId,
  options: BenchOptions,
  software: boolean,
): Promise<{ calls: CountedCall[]; batch: number }> {
  const task = taskOf(network, options, software);
  const side = await openSide('ours');
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
