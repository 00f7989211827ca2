/**
 * @file Many training steps of ours in a row: does memory stay flat, and does the device stay silent?
 *
 * Flat means that from the first reading on (step 100, when programs, slots and pool are there) neither the bytes in use
 * nor the number of live tensors ever changes, and that all buffers together, idle ones included, grow by no more than the
 * bounded store of uniforms (kernels/webgpu/uniform-cache.ts), which Adam's step-dependent rate fills over a thousand steps.
 */

import * as tf from '@tensorflow/tfjs';
import { NETWORKS, type NetworkId } from '../domain/network';
import { openSide } from './open-side';
import type { BenchOptions } from './options';
import { startOurs } from './our-trainer';
import type { SoakReading, SoakReport } from './report';
import type { Side } from './side';
import { taskOf } from './task-of-network';
import type { Trainer } from './trainer';

const READ_EVERY = 100;
/** 4096 uniform buffers of up to 256 bytes. */
const UNIFORM_BYTES = 2 ** 20;
const SMALL_INPUT = 32;
const SMALL_BATCH = 2;

/** Takes many steps and reads memory in between. */
export async function soakNetwork(
  network: NetworkId,
  options: BenchOptions,
  steps: number,
  say: (line: string) => void,
): Promise<SoakReport> {
  const { name, minInputSize } = NETWORKS[network];
  const inputSize = options.inputSize ?? Math.max(SMALL_INPUT, minInputSize);
  const batch = options.batch ?? SMALL_BATCH;
  say(`${name}, ${inputSize} px, batch ${batch}: ${steps} steps`);
  const report: SoakReport = { inputSize, batch, steps: 0, seconds: 0, peakBytes: 0, readings: [], complaints: [] };
  const errors = countConsoleErrors();
  const startedAt = performance.now();
  const side = await openSide('ours', options);
  try {
    await side.activate();
    const trainer = startOurs(taskOf(network, { ...options, inputSize, batch }, 'software'));
    await takeSteps(side, trainer, steps, report, say);
    await trainer.dispose().catch(() => undefined);
    report.complaints.push(...side.errors.map(({ message }) => message));
  } finally {
    report.peakBytes = side.tally.peakBytes;
    await side.close();
    report.complaints.push(...errors.stop().map((text) => `console.error: ${text}`));
  }
  report.seconds = (performance.now() - startedAt) / 1000;
  report.complaints.push(...growthOf(report.readings));
  say(`  ${report.steps} steps in ${report.seconds.toFixed(0)} s: ${verdictOf(report)}`);
  return report;
}

async function takeSteps(
  side: Side,
  trainer: Trainer,
  steps: number,
  report: SoakReport,
  say: (line: string) => void,
): Promise<void> {
  try {
    for (let step = 1; step <= steps; step += 1) {
      const loss = await trainer.step();
      if (!Number.isFinite(loss)) throw new Error(`The loss of step ${step} was ${loss}.`);
      report.steps = step;
      if (step % READ_EVERY !== 0 && step !== steps) continue;
      await side.drain();
      side.check();
      const reading = await readMemory(side, step, loss);
      report.readings.push(reading);
      say(`  ${textOf(reading)}`);
    }
  } catch (error) {
    report.complaints.push(error instanceof Error ? error.message : String(error));
  }
}

/** With nothing under way: the sums of the newest batch, which is read late, have been read and freed. */
async function readMemory(side: Side, step: number, loss: number): Promise<SoakReading> {
  await new Promise((resolve) => setTimeout(resolve));
  return {
    step,
    allocatedBytes: side.tally.bytes,
    usedBytes: side.usedBytes(),
    tensors: tf.memory().numTensors,
    loss,
  };
}

/** One sentence for each thing that changed after the first reading. */
export function growthOf(readings: readonly SoakReading[]): string[] {
  const [first, ...rest] = readings;
  if (!first) return ['No reading was taken.'];
  const complaints: string[] = [];
  const used = rest.find(({ usedBytes }) => usedBytes !== first.usedBytes);
  if (used) complaints.push(`Bytes in use went from ${first.usedBytes} to ${used.usedBytes} at step ${used.step}.`);
  const tensors = rest.find((reading) => reading.tensors !== first.tensors);
  if (tensors)
    complaints.push(`Live tensors went from ${first.tensors} to ${tensors.tensors} at step ${tensors.step}.`);
  const most = rest.find(({ allocatedBytes }) => allocatedBytes > first.allocatedBytes + UNIFORM_BYTES);
  if (most)
    complaints.push(`All buffers grew from ${first.allocatedBytes} to ${most.allocatedBytes} at step ${most.step}.`);
  return complaints;
}

function verdictOf({ complaints }: SoakReport): string {
  return complaints.length === 0 ? 'memory flat, no complaint' : complaints.join(' ');
}

function textOf({ step, allocatedBytes, usedBytes, tensors, loss }: SoakReading): string {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(3)} MB`;
  return `step ${step}: ${megabytes(allocatedBytes)} allocated, ${megabytes(usedBytes)} used, ${tensors} tensors, loss ${loss.toFixed(4)}`;
}

/** What is printed as an error until `stop`, which gives the texts. */
function countConsoleErrors(): { stop(): string[] } {
  const texts: string[] = [];
  const { error } = console;
  console.error = (...words: unknown[]) => {
    texts.push(words.map(String).join(' '));
    error.apply(console, words);
  };
  return {
    stop: () => {
      console.error = error;
      return texts;
    },
  };
}
