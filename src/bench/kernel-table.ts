/** @file The report on kernels as a table for people. */

import { NETWORK_IDS, NETWORKS } from '../domain/network';
import type { KernelReport } from './report';
import { SIDE_NAMES, SIDE_TITLES } from './side-name';
import { alignRows, bytesText, type Column, comparedColumns, numberText, sidesIn } from './table-text';

const COLUMNS: Column<KernelReport>[] = [
  { title: 'GFLOP', text: ({ flops }) => numberText(flops / 1e9) },
  { title: 'bytes', text: ({ bytes }) => bytesText(bytes) },
  {
    title: 'reached',
    text: ({ product, gflops, gigabytesPerSecond }) =>
      product ? numberText(gflops, ' GFLOP/s') : numberText(gigabytesPerSecond, ' GB/s'),
  },
  { title: 'of product', text: ({ shareOfGemm }) => numberText(shareOfGemm && shareOfGemm * 100, ' %') },
  {
    title: 'calls a step',
    text: ({ calls }) =>
      NETWORK_IDS.flatMap((id) => (calls[id] === undefined ? [] : [`${NETWORKS[id].name} ${calls[id]}`])).join(', '),
  },
];

/** @returns the lines of the table. */
export function formatKernels(reports: readonly KernelReport[]): string[] {
  const sides = sidesIn(reports);
  const columns: Column<KernelReport>[] = [
    { title: 'shape', text: ({ shape }) => shape },
    ...comparedColumns(sides),
    ...COLUMNS,
  ];
  const rows = reports.map((report, i) => {
    const title = report.title === reports[i - 1]?.title ? '' : report.title;
    return [title, ...columns.map(({ text }) => text(report))];
  });
  const failed = reports.flatMap(({ title, shape, failures }) =>
    SIDE_NAMES.flatMap((name) =>
      failures[name] ? [`${title}, ${shape}, ${SIDE_TITLES[name]}: ${failures[name]}`] : [],
    ),
  );
  return [
    ...alignRows([['', ...columns.map(({ title }) => title)], ...rows]),
    '',
    'Medians; GFLOP and bytes by arithmetic, reached by ours.',
    ...(sides.includes('stock') ? ['Without a stock time where plain tf.layers does nothing like it.'] : []),
    ...failed,
  ];
}
