/** @file Numbers as short words, and rows of words as columns. */

import type { NetworkReport } from './report';
import type { Spread } from './statistics';

export interface Column<Report> {
  title: string;
  text: (report: Report) => string;
}

/** What a comparison says first, of steps as of kernels. */
export const COMPARED: Column<
  Pick<NetworkReport, 'batch' | 'stockMs' | 'oursMs' | 'ratio' | 'stockSpreadMs' | 'oursSpreadMs'>
>[] = [
  { title: 'batch', text: ({ batch }) => String(batch) },
  { title: 'stock ms', text: ({ stockMs }) => numberText(stockMs) },
  { title: 'ours ms', text: ({ oursMs }) => numberText(oursMs) },
  { title: 'ratio', text: ({ ratio }) => numberText(ratio, 'x') },
  { title: 'stock spread', text: ({ stockSpreadMs }) => spreadText(stockSpreadMs) },
  { title: 'ours spread', text: ({ oursSpreadMs }) => spreadText(oursSpreadMs) },
];

/** Pads the cells of each column to one width; one line per row. */
export function alignRows(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** Three digits or so; `-` for null. */
export function numberText(value: number | null, unit = ''): string {
  if (value === null) return '-';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit}`;
}

function spreadText(spread: Spread | null): string {
  return spread ? `${numberText(spread.least)} to ${numberText(spread.most)}` : '-';
}

/** In MB or GB (decimal); `-` for null. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '-';
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
