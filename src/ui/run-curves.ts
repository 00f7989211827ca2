/** @file Runs as curves: one solid line for training and one dashed for validation per run. */

import { NETWORKS } from '../domain/network';
import type { EpochLog, RunRecord } from '../domain/run';
import { networkColour } from './network-colour';

export interface Curve {
  id: string;
  runId: string;
  /** Of the run; runs of one network are numbered. */
  name: string;
  colour: string;
  dashed: boolean;
  /** An older run of a network that has a newer one. */
  faint: boolean;
  /** Without the values that were not measured. */
  points: CurvePoint[];
  /** The points that are joined: a value that is not finite leaves a gap. */
  lines: CurvePoint[][];
}

export interface CurvePoint {
  epoch: number;
  value: number;
}

export interface CurveName {
  runId: string;
  name: string;
  colour: string;
  faint: boolean;
  /** The epoch in which the run diverged; its values there are not drawn. */
  divergedIn: number | null;
}

/** More lines than this nobody can read, and drawing them would hold up the page. */
const MAX_RUNS = 8;
/** Enough for every pixel column that matters. */
const MAX_POINTS = 120;

/** The newest runs that have something to draw, under names that distinguish runs of one network. */
export function nameCurves(records: readonly RunRecord[]): CurveName[] {
  const drawn = records.filter(({ epochs }) => epochs.length > 0).slice(0, MAX_RUNS);
  return drawn.map(({ id, recipe, status, epochs }, index) => {
    const sameNetwork = drawn.filter((other) => other.recipe.network === recipe.network);
    const older = drawn.slice(0, index).some((other) => other.recipe.network === recipe.network);
    const place = sameNetwork.length - sameNetwork.findIndex((other) => other.id === id);
    const name = NETWORKS[recipe.network].name;
    return {
      runId: id,
      name: sameNetwork.length > 1 ? `${name} #${place}` : name,
      colour: networkColour(recipe.network),
      faint: older,
      divergedIn: status === 'diverged' ? epochs.length : null,
    };
  });
}

/**
 * The curves of training and validation for the runs that {@link nameCurves} names.
 * @param records newest first
 */
export function curvesOf(records: readonly RunRecord[], measure: 'accuracy' | 'loss'): Curve[] {
  const names = nameCurves(records);
  return names.flatMap(({ runId, name, colour, faint }) => {
    const epochs = records.find(({ id }) => id === runId)?.epochs ?? [];
    const lines: [suffix: string, dashed: boolean, read: (log: EpochLog) => number | null][] =
      measure === 'accuracy'
        ? [
            ['training', false, (log) => log.accuracy],
            ['validation', true, (log) => log.validationAccuracy],
          ]
        : [
            ['training', false, (log) => log.loss],
            ['validation', true, (log) => log.validationLoss],
          ];
    return lines.map(([suffix, dashed, read]) => {
      const joined = joinPoints(thin(epochs), read);
      return { id: `${runId} ${suffix}`, runId, name, colour, dashed, faint, points: joined.flat(), lines: joined };
    });
  });
}

/** The points between gaps; a value that is not finite is a gap, and so is one that was not measured. */
function joinPoints(epochs: EpochLog[], read: (log: EpochLog) => number | null): CurvePoint[][] {
  const joined: CurvePoint[][] = [];
  let line: CurvePoint[] = [];
  for (const log of epochs) {
    const value = read(log);
    if (value === null || !Number.isFinite(value)) {
      line = [];
      continue;
    }
    if (line.length === 0) joined.push(line);
    line.push({ epoch: log.epoch, value });
  }
  return joined;
}

/** At most {@link MAX_POINTS} logs, evenly spaced, always with the last. */
function thin(epochs: EpochLog[]): EpochLog[] {
  const step = Math.ceil(epochs.length / MAX_POINTS);
  return epochs.filter((_, index) => (epochs.length - 1 - index) % step === 0);
}
