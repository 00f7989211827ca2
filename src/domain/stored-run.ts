/**
 * @file Stored run records of every version, read as records of the present one.
 *
 * Every released version stays readable: its schema stays here, and a step converts its records to the next version.
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

/**
 * Version 1 kept the predictions inside the record; the rest is as in version 2. A version 3 first writes out here what the two
 * share, so that what version 1 accepts stays as it is.
 */
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
  /** Predictions inside the record, as version 1 kept them; null when they are stored beside it. */
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

/** A stored record that this version cannot read, as far as it can be described. */
export interface UnreadableRun {
  id: string;
  /** Names of the network and of the dataset; null where they cannot be read. */
  network: string | null;
  dataset: string | null;
  /** Milliseconds since 1970; null where it cannot be read. */
  createdAt: number | null;
  /** Why it cannot be read, a sentence. */
  reason: string;
}

/** Stored records with their ids, oldest first; those that cannot be read are described. Neither is ever left out. */
export function readStoredRuns(
  ids: readonly string[],
  values: readonly unknown[],
): { records: RunRecord[]; unreadable: UnreadableRun[] } {
  const records: RunRecord[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const [index, value] of values.entries()) {
    try {
      records.push(parseRunRecord(value));
    } catch (error) {
      unreadable.push(describeUnreadable(ids[index], value, error));
    }
  }
  records.sort((a, b) => a.createdAt - b.createdAt);
  return { records, unreadable };
}

const FragmentsSchema = v.object({
  createdAt: v.fallback(v.nullable(v.pipe(v.number(), v.integer())), null),
  recipe: v.fallback(v.object({ network: v.nullable(v.string()) }), { network: null }),
  dataset: v.fallback(v.object({ name: v.nullable(v.string()) }), { name: null }),
  schemaVersion: v.fallback(v.number(), 0),
});

/** Reads whatever can be read from a damaged record. @param error what {@link parseRunRecord} threw. */
export function describeUnreadable(id: string, value: unknown, error: unknown): UnreadableRun {
  const found = v.safeParse(FragmentsSchema, value);
  const fragments = found.success ? found.output : null;
  return {
    id,
    network: fragments?.recipe.network ?? null,
    dataset: fragments?.dataset.name ?? null,
    createdAt: fragments?.createdAt ?? null,
    reason: reasonOf(fragments?.schemaVersion ?? 0, error),
  };
}

function reasonOf(schemaVersion: number, error: unknown): string {
  if (schemaVersion > RUN_SCHEMA_VERSION) {
    return 'It was written by a newer Thorax. Open the newer Thorax, or reload this page, to see it.';
  }
  const issue = v.isValiError(error) ? error.issues[0] : null;
  const field = issue && v.getDotPath(issue);
  return field ? `Its field ${field} is damaged.` : 'It is damaged.';
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

/** An accuracy computed from predictions that are not finite means nothing: the weights count as not tested. */
function scoreOfV1(evaluation: Omit<EvaluatedSplit, 'count'>) {
  const { predictions } = evaluation;
  if (!predictions.every(({ probabilities }) => probabilities.every(Number.isFinite))) return null;
  return scoreOf({ ...evaluation, count: predictions.length });
}

function evaluationV1() {
  return v.object({ accuracy: MeasuredSchema, loss: MeasuredSchema, predictions: v.array(PredictionSchema) });
}
