/** @file Numbers as short words, and rows of words as columns. */

import { SIDE_NAMES, SIDE_TITLES, type SideName } from './side-name';
import type { Spread } from './statistics';

export interface Column<Report> {
  title: string;
  text: (report: Report) => string;
}

/** What steps and kernels have in common. */
interface Compared {
  batch: number;
  sides: Partial<Record<SideName, { ms: number; spreadMs: Spread }>>;
  ratios: Partial<Record<SideName, number>>;
}

/** The sides that any of these has, ours first. */
export function sidesIn(reports: readonly Pick<Compared, 'sides'>[]): SideName[] {
  return SIDE_NAMES.filter((name) => reports.some(({ sides }) => sides[name]));
}

/** What a comparison says first, of steps as of kernels. */
export function comparedColumns(names: readonly SideName[]): Column<Compared>[] {
  return [
    { title: 'batch', text: ({ batch }) => String(batch) },
    ...names.map(
      (name): Column<Compared> => ({
        title: `${SIDE_TITLES[name]} ms`,
        text: ({ sides }) => numberText(sides[name]?.ms ?? null),
      }),
    ),
    ...names.flatMap((name): Column<Compared>[] =>
      name === 'ours'
        ? []
        : [{ title: `${SIDE_TITLES[name]} / ours`, text: ({ ratios }) => numberText(ratios[name] ?? null, 'x') }],
    ),
    ...names.map(
      (name): Column<Compared> => ({
        title: `${SIDE_TITLES[name]} spread`,
        text: ({ sides }) => spreadText(sides[name]?.spreadMs ?? null),
      }),
    ),
  ];
}

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
export function numberText(value: number | null | undefined, unit = ''): string {
  if (value === null || value === undefined) return '-';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit}`;
}

function spreadText(spread: Spread | null): string {
  return spread ? `${numberText(spread.least)} to ${numberText(spread.most)}` : '-';
}

/** In MB or GB (decimal); `-` for null. */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '-';
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
