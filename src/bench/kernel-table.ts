/** @file The report on kernels as a table for people. */

import { NETWORK_IDS, NETWORKS } from '../domain/network';
import type { KernelReport } from './report';
import { alignRows, bytesText, COMPARED, type Column, numberText } from './table-text';

const COLUMNS: Column<KernelReport>[] = [
  { title: 'shape', text: ({ shape }) => shape },
  ...COMPARED,
  { title: 'GFLOP', text: ({ flops }) => numberText(flops / 1e9) },
  { title: 'bytes', text: ({ bytes }) => bytesText(bytes) },
  {
    title: 'reached',
    text: ({ product, gflops, gigabytesPerSecond }) =>
      product ? numberText(gflops, ' GFLOP/s') : numberText(gigabytesPerSecond, ' GB/s'),
  },
  {
    title: 'calls a step',
    text: ({ calls }) =>
      NETWORK_IDS.flatMap((id) => (calls[id] === undefined ? [] : [`${NETWORKS[id].name} ${calls[id]}`])).join(', '),
  },
];

/** @returns the lines of the table. */
export function formatKernels(reports: readonly KernelReport[]): string[] {
  const rows = reports.map((report, i) => {
    const title = report.title === reports[i - 1]?.title ? '' : report.title;
    return [title, ...COLUMNS.map(({ text }) => text(report))];
  });
  const failures = reports.flatMap(({ title, shape, stockFailure, oursFailure }) => [
    ...(stockFailure ? [`${title}, ${shape}, stock: ${stockFailure}`] : []),
    ...(oursFailure ? [`${title}, ${shape}, ours: ${oursFailure}`] : []),
  ]);
  return [
    ...alignRows([['', ...COLUMNS.map(({ title }) => title)], ...rows]),
    '',
    'Medians; GFLOP and bytes by arithmetic, reached by ours; without a stock time where plain tf.layers does nothing like it.',
    ...failures,
  ];
}
