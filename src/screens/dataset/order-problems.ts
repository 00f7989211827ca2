/** @file The order in which problems are read: what keeps from training first, then what is left out, then the rest. */

import type { DatasetProblem } from '../../domain/dataset';

const RANK: Record<DatasetProblem['severity'], number> = { blocking: 0, excluded: 1, notice: 2 };

/** By severity; within one as they were. */
export function orderProblems(problems: readonly DatasetProblem[]): DatasetProblem[] {
  return problems.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}
