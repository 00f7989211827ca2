/** @file The order in which problems are listed: what blocks training first, then what is left out, then the rest. */

import type { DatasetProblem } from '../../domain/dataset';

const RANK: Record<DatasetProblem['severity'], number> = { blocking: 0, excluded: 1, notice: 2 };

/** By severity; problems of equal severity keep their order. */
export function orderProblems(problems: readonly DatasetProblem[]): DatasetProblem[] {
  return problems.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}
