/** @file A whole benchmark run: the adapter, its best matrix product, then each network or kernel. */

import { toFailure } from '../domain/failure';
import { NETWORKS, type NetworkId } from '../domain/network';
import { measureGemm } from './measure-gemm';
import { measureKernels } from './measure-kernels';
import { measureNetwork } from './measure-network';
import type { BenchOptions } from './options';
import type { BenchEvent, BenchReport } from './report';
import { describeAdapter } from './side';
import { soakNetwork } from './soak-network';

/** Every outcome is an event; the last one is the report or the failure. */
export async function runBenchmark(
  options: BenchOptions,
  commit: string,
  onEvent: (event: BenchEvent) => void,
): Promise<void> {
  const say = (text: string) => onEvent({ type: 'line', text });
  try {
    const adapter = await describeAdapter();
    say(`Adapter: ${adapter.name}${adapter.software ? ' (the processor computes)' : ''}`);
    const gemm = await measureGemm(adapter.software);
    const gemmGflops = Math.max(...gemm.map(({ gflops }) => gflops));
    say(`Best matrix product: ${gemmGflops.toFixed(1)} GFLOP/s`);
    const report: BenchReport = {
      adapter: adapter.name,
      software: adapter.software,
      commit,
      date: new Date().toISOString(),
      gemmGflops,
      gemm,
      networks: {},
    };
    const networks = options.networks.filter((id) => isLargeEnough(id, options, say));
    const reportMeasured = () => onEvent({ type: 'measured', report: structuredClone(report) });
    if (options.kernels) {
      await measureKernels(networks, options, adapter.software, say, (kernels) => {
        report.kernels = kernels;
        reportMeasured();
      });
    } else {
      for (const network of networks) {
        if (options.soakSteps !== null) {
          report.soak = { ...report.soak, [network]: await soakNetwork(network, options, options.soakSteps, say) };
        } else {
          report.networks[network] = await measureNetwork(network, options, adapter.software, gemmGflops, say);
        }
        reportMeasured();
      }
    }
    onEvent({ type: 'report', report });
  } catch (error) {
    onEvent({ type: 'failed', sentence: toFailure(error).sentence });
  }
}

function isLargeEnough(network: NetworkId, { inputSize }: BenchOptions, say: (line: string) => void): boolean {
  const { name, minInputSize } = NETWORKS[network];
  if (inputSize === null || inputSize >= minInputSize) return true;
  say(`${name} needs at least ${minInputSize} px and is left out.`);
  return false;
}
