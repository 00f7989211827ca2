/** @file Ends of the curves' axes, chosen so that they seldom move: a moving axis redraws the whole chart. */

import type { RunRecord } from '../domain/run';
import type { Curve } from './run-curves';

/** The axis of a run that is going has this many epochs, then twice as many, up to what is planned. */
const FIRST_EPOCHS = 15;
/** Quarters of these are short numbers. */
const NICE = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10];

/** The last epoch on the axis. */
export function epochAxisEnd(records: readonly Pick<RunRecord, 'status' | 'epochs' | 'recipe'>[]): number {
  let end = 2;
  for (const { status, epochs, recipe } of records) {
    let needed = epochs.length;
    if (status === 'running') {
      let shown = FIRST_EPOCHS;
      while (shown < epochs.length) shown *= 2;
      needed = Math.min(recipe.epochs, shown);
    }
    end = Math.max(end, needed);
  }
  return end;
}

/** A round number that no point lies above; 1 when there are none. */
export function niceTop(curves: readonly Curve[]): number {
  let highest = 0;
  for (const { points } of curves) for (const { value } of points) highest = Math.max(highest, value);
  if (highest <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  const factor = NICE.find((nice) => nice * unit >= highest) ?? 10;
  return factor * unit;
}
