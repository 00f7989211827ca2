/** @file Runs as rows of the comparison table, and their order. */

import { NETWORKS } from '../../domain/network';
import type { Evaluation, RunRecord } from '../../domain/run';
import type { RunColumn, RunSort } from '../../state/runs-store';

/** Images that the weights classified right. */
export interface Score {
  correct: number;
  total: number;
}

export interface ComparisonRow {
  record: RunRecord;
  name: string;
  /** Null while there is no test yet, or nothing to test on. */
  last: Score | null;
  best: Score | null;
  notebook: { testAccuracy: number; timeSeconds: number };
  /** A network that usually starts from ImageNet weights and here did not. */
  randomWeights: boolean;
  /** Trained elsewhere: its epochs, batch size, seed and time are not known. */
  imported: boolean;
  /** What is known of the recipe, in the row's words. */
  settings: string;
}

/** A run as a row of the table. */
export function toRow(record: RunRecord): ComparisonRow {
  const { network, epochs, inputSize, batchSize, seed } = record.recipe;
  const { name, notebook, pretrained } = NETWORKS[network];
  const imported = epochs === 0;
  return {
    record,
    name,
    last: scoreOf(record.test.last),
    best: scoreOf(record.test.best),
    notebook,
    randomWeights: pretrained && record.weightsOrigin === 'random',
    imported,
    settings: imported ? `${inputSize} px` : `${inputSize} px, batch ${batchSize}, seed ${seed}`,
  };
}

/** Rows without a value come last in either direction; equal ones keep their order. */
export function sortRows(rows: ComparisonRow[], sort: RunSort | null): ComparisonRow[] {
  if (!sort) return rows;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const left = sortValue(a, sort.column);
    const right = sortValue(b, sort.column);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'string' || typeof right === 'string') return sign * String(left).localeCompare(String(right));
    return sign * (left - right);
  });
}

function sortValue(row: ComparisonRow, column: RunColumn): number | string | null {
  const { record } = row;
  switch (column) {
    case 'network':
      return row.name;
    case 'testAccuracy':
      return row.last && row.last.correct / row.last.total;
    case 'bestWeights':
      return row.best && row.best.correct / row.best.total;
    case 'time':
      return row.imported ? null : record.timeMs;
    case 'parameters':
      return record.parameterCount;
    case 'bestEpoch':
      return record.bestEpoch;
    case 'notebook':
      return row.notebook.testAccuracy;
    case 'status':
      return record.status;
    case 'dataset':
      return record.dataset.name;
    default:
      return column satisfies never;
  }
}

function scoreOf(evaluation: Evaluation | null): Score | null {
  if (!evaluation || evaluation.count === 0) return null;
  // The accuracy is a count divided by the number of images: rounding gives the count back.
  return { correct: Math.round(evaluation.accuracy * evaluation.count), total: evaluation.count };
}
