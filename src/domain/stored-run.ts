/**
 * @file Stored run records of every version, read as records of the present one.
 *
 * A version that was released stays readable: its schema stands here for ever, and a step lifts it to the next one.
 */

import * as v from 'valibot';
import {
  type EvaluatedSplit,
  MeasuredSchema,
  type Prediction,
  PredictionSchema,
  RUN_SCHEMA_VERSION,
  type RunPredictions,
  type RunRecord,
  RunRecordSchema,
  scoreOf,
} from './run';

/** Version 1 kept the predictions inside the record; the rest is as in version 2. */
const RunRecordV1Schema = v.object({
  ...RunRecordSchema.entries,
  schemaVersion: v.literal(1),
  test: v.object({
    last: v.nullable(evaluationV1()),
    best: v.nullable(evaluationV1()),
  }),
});

const AnyRunRecordSchema = v.variant('schemaVersion', [RunRecordV1Schema, RunRecordSchema]);

const PredictionRowSchema = v.object({ predictions: v.array(PredictionSchema) });

export interface StoredRun {
  record: RunRecord;
  /** Those inside the record, as version 1 kept them; null when they are stored beside it. */
  predictions: RunPredictions | null;
}

/**
 * Reads a stored record of any version.
 * @throws {v.ValiError} when it is damaged or of a version to come.
 */
export function parseStoredRun(value: unknown): StoredRun {
  const stored = v.parse(AnyRunRecordSchema, value);
  switch (stored.schemaVersion) {
    case 1:
      return liftV1(stored);
    case 2:
      return { record: stored, predictions: null };
    default:
      return stored satisfies never;
  }
}

/**
 * Reads a stored record of any version, without its predictions.
 * @throws {v.ValiError} when it is damaged or of a version to come.
 */
export function parseRunRecord(value: unknown): RunRecord {
  return parseStoredRun(value).record;
}

/** The predictions of a stored row. @throws {v.ValiError} when it is damaged. */
export function parsePredictionRow(value: unknown): Prediction[] {
  return v.parse(PredictionRowSchema, value).predictions;
}

/** Whether a record was written by a version of the program that came after this one. */
export function isOfNewerVersion(value: unknown): boolean {
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), value);
  return version.success && version.output.schemaVersion > RUN_SCHEMA_VERSION;
}

function liftV1(stored: v.InferOutput<typeof RunRecordV1Schema>): StoredRun {
  const { last, best } = stored.test;
  return {
    record: {
      ...stored,
      schemaVersion: RUN_SCHEMA_VERSION,
      test: { last: last && scoreOfV1(last), best: best && scoreOfV1(best) },
    },
    predictions: { last: last?.predictions ?? null, best: best?.predictions ?? null },
  };
}

/** An accuracy that was counted from answers that are no numbers says nothing: the weights count as not tested. */
function scoreOfV1(evaluation: Omit<EvaluatedSplit, 'count'>) {
  const { predictions } = evaluation;
  if (!predictions.every(({ probabilities }) => probabilities.every(Number.isFinite))) return null;
  return scoreOf({ ...evaluation, count: predictions.length });
}

function evaluationV1() {
  return v.object({ accuracy: MeasuredSchema, loss: MeasuredSchema, predictions: v.array(PredictionSchema) });
}
