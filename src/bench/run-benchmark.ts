/** @file A whole benchmark run: the adapter, its best matrix product, then each network. */

import { toFailure } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import { measureGemm } from './measure-gemm';
import { measureNetwork } from './measure-network';
import type { BenchOptions } from './options';
import type { BenchEvent, BenchReport } from './report';
import { describeAdapter } from './side';
import { soakNetwork } from './soak-network';

/** Every outcome is an event; the last one is the report or the failure. */
export async function runBenchmark(
  options: BenchOptions,
  commit: string,
  tell: (event: BenchEvent) => void,
): Promise<void> {
  const say = (text: string) => tell({ type: 'line', text });
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
    for (const network of options.networks) {
      if (options.inputSize !== null && options.inputSize < NETWORKS[network].minInputSize) {
        say(`${NETWORKS[network].name} needs at least ${NETWORKS[network].minInputSize} px and is left out.`);
        continue;
      }
      if (options.soakSteps !== null) {
        report.soak = { ...report.soak, [network]: await soakNetwork(network, options, options.soakSteps, say) };
      } else {
        report.networks[network] = await measureNetwork(network, options, adapter.software, gemmGflops, say);
      }
      tell({ type: 'networkMeasured', report: structuredClone(report) });
    }
    tell({ type: 'report', report });
  } catch (error) {
    tell({ type: 'failed', sentence: toFailure(error).sentence });
  }
}
