/** @file A whole benchmark run: the device, its best matrix product, then each network or kernel. */

import { toFailure } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import { headerOf, type KerasNumbers, withKeras } from './keras-numbers';
import { measureGemm } from './measure-gemm';
import { measureKernels } from './measure-kernels';
import { measureNetwork, type NetworkTerms } from './measure-network';
import type { BenchOptions } from './options';
import { describeProcessor } from './processor-side';
import type { BenchEvent, BenchReport } from './report';
import type { MeasuredSide, Pace } from './side-name';
import { soakNetwork } from './soak-network';
import { describeAdapter, hasAdapter } from './webgpu-side';

/** What the command knows and the page does not. */
export interface BenchTask {
  options: BenchOptions;
  commit: string;
  /** The machine's processor, its cores included. */
  processor: string;
  keras: KerasNumbers | null;
}

/** Every outcome is an event; the last one is the report or the failure. */
export async function runBenchmark(task: BenchTask, onEvent: (event: BenchEvent) => void): Promise<void> {
  const say = (text: string) => onEvent({ type: 'line', text });
  try {
    const { options, keras } = task;
    const { sides, ...facts } = await describeDevice(task, say);
    const { device, software } = facts;
    const pace: Pace = device === 'processor' ? 'processor' : software ? 'software' : 'gpu';
    const gemmSides: MeasuredSide[] = device === 'processor' ? ['ours'] : ['ours', 'stock'];
    const gemm = await measureGemm(gemmSides, options, pace);
    const gemmGflops = Math.max(...gemm.map(({ gflops }) => gflops));
    say(`Best matrix product: ${gemmGflops.toFixed(1)} GFLOP/s`);
    const report: BenchReport = {
      ...facts,
      commit: task.commit,
      date: new Date().toISOString(),
      gemmGflops,
      gemm,
      networks: {},
      ...(keras ? { keras: headerOf(keras) } : {}),
    };
    const terms: NetworkTerms = { device, threads: options.threads, sides, pace, gemmGflops };
    const networks = options.networks.filter((id) => isLargeEnough(id, options, say));
    const reportMeasured = () => onEvent({ type: 'measured', report: structuredClone(report) });
    if (options.kernels) {
      await measureKernels(networks, options, terms, say, (kernels) => {
        report.kernels = kernels;
        reportMeasured();
      });
    } else {
      for (const network of networks) {
        if (options.soakSteps !== null) {
          report.soak = { ...report.soak, [network]: await soakNetwork(network, options, options.soakSteps, say) };
        } else {
          const measured = await measureNetwork(network, options, terms, say);
          report.networks[network] = keras ? withKeras(measured, network, keras) : measured;
        }
        reportMeasured();
      }
    }
    onEvent({ type: 'report', report });
  } catch (error) {
    onEvent({ type: 'failed', sentence: toFailure(error).sentence });
  }
}

type DeviceFacts = Pick<
  BenchReport,
  'device' | 'adapter' | 'software' | 'processor' | 'threads' | 'build' | 'webgpuAdapter'
> & { sides: readonly MeasuredSide[] };

/** The device and what is measured on it. @throws {StudioError} no-gpu */
async function describeDevice({ options, processor }: BenchTask, say: (text: string) => void): Promise<DeviceFacts> {
  if (options.device === 'webgpu') {
    const { name, software } = await describeAdapter();
    say(`Adapter: ${name}${software ? ' (the processor computes)' : ''}`);
    const sides = options.sides ?? (['ours', 'stock'] as const);
    return { device: 'webgpu', adapter: name, software, processor, sides };
  }
  const { threads, build } = await describeProcessor(options.threads);
  say(`Processor: ${processor}, threads: ${threads}, kernels: ${build}`);
  const facts = { device: 'processor', adapter: processor, software: false, processor, threads, build } as const;
  const beside = options.sides === null ? await hasAdapter() : options.sides.length > 1;
  if (!beside) return { ...facts, sides: ['ours'] };
  const { name } = await describeAdapter();
  say(`WebGPU: ${name}`);
  return { ...facts, webgpuAdapter: name, sides: options.sides ?? ['ours', 'webgpu'] };
}

function isLargeEnough(network: NetworkId, { inputSize }: BenchOptions, say: (line: string) => void): boolean {
  const { name, minInputSize } = NETWORKS[network];
  if (inputSize === null || inputSize >= minInputSize) return true;
  say(`${name} needs at least ${minInputSize} px and is left out.`);
  return false;
}
