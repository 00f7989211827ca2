/** @file The report as a table for people. */

import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { formatKernels } from './kernel-table';
import type { BenchReport, NetworkReport, SoakReport } from './report';
import { alignRows, bytesText, COMPARED, type Column, numberText } from './table-text';

const COLUMNS: Column<NetworkReport>[] = [
  { title: 'px', text: ({ inputSize }) => String(inputSize) },
  ...COMPARED,
  { title: 'stock peak', text: ({ stockPeakBytes }) => bytesText(stockPeakBytes) },
  { title: 'ours peak', text: ({ oursPeakBytes }) => bytesText(oursPeakBytes) },
  { title: 'GFLOP', text: ({ stepFlops }) => numberText(stepFlops / 1e9) },
  { title: 'least bytes', text: ({ stepBytes }) => bytesText(stepBytes) },
  { title: 'GFLOP/s', text: ({ gflops }) => numberText(gflops) },
  { title: 'of product', text: ({ shareOfGemm }) => numberText(shareOfGemm && shareOfGemm * 100, ' %') },
  {
    title: 'dispatches',
    text: ({ stockDispatches, dispatches }) => `${stockDispatches ?? '-'} / ${dispatches ?? '-'}`,
  },
  {
    title: 'epoch s',
    text: ({ stockEpochSeconds, epochSeconds }) => `${numberText(stockEpochSeconds)} / ${numberText(epochSeconds)}`,
  },
];

/** @returns the report as text, one line per network, kernel or reading. */
export function formatReport(report: BenchReport): string {
  const products = report.gemm.map(({ kernels, size, gflops }) => `${kernels} ${size}: ${numberText(gflops)}`);
  const lines = [
    `${report.adapter}, commit ${report.commit}, ${report.date}`,
    `Best matrix product ${numberText(report.gemmGflops)} GFLOP/s (${products.join(', ')})`,
  ];
  if (report.kernels) lines.push('', ...formatKernels(report.kernels));
  else if (report.soak) lines.push('', ...soakLines(report.soak));
  else lines.push('', ...networkLines(report));
  return lines.join('\n');
}

function networkLines({ networks }: BenchReport): string[] {
  const rows = NETWORK_IDS.flatMap((id) => {
    const network = networks[id];
    return network ? [[NETWORKS[id].name, ...COLUMNS.map(({ text }) => text(network))]] : [];
  });
  return [
    ...alignRows([['', ...COLUMNS.map(({ title }) => title)], ...rows]),
    '',
    'Medians of a training step; peak: bytes of all GPU buffers; stock / ours where two numbers stand; epoch: 339 images.',
    ...NETWORK_IDS.flatMap((id) => notesOf(NETWORKS[id].name, networks[id])),
  ];
}

function soakLines(soak: Partial<Record<NetworkId, SoakReport>>): string[] {
  const reports = NETWORK_IDS.flatMap((id) => {
    const found = soak[id];
    return found ? [{ name: NETWORKS[id].name, ...found }] : [];
  });
  const rows = reports.map(({ name, inputSize, batch, steps, seconds, peakBytes, readings, complaints }) => [
    name,
    ...[inputSize, batch, steps].map(String),
    numberText(seconds),
    bytesText(peakBytes),
    `${readings.at(0)?.usedBytes ?? '-'} / ${readings.at(-1)?.usedBytes ?? '-'}`,
    complaints.length === 0 ? 'flat' : 'FAILED',
  ]);
  return [
    ...alignRows([['', 'px', 'batch', 'steps', 'seconds', 'peak', 'bytes in use, first / last', ''], ...rows]),
    ...reports.flatMap(({ name, complaints }) => complaints.map((complaint) => `${name}: ${complaint}`)),
  ];
}

function notesOf(name: string, report: NetworkReport | undefined): string[] {
  if (!report) return [];
  const notes: string[] = [];
  if (report.stockFailure) notes.push(`${name}, stock: ${report.stockFailure}`);
  if (report.oursFailure) notes.push(`${name}, ours: ${report.oursFailure}`);
  if (!report.inTurn && report.ratio) notes.push(`${name}: both together did not fit; read one after the other.`);
  return notes;
}
