/** @file A run's record and predictions as a backup holds them: read, checked, and compared with what is stored. */

import * as v from 'valibot';
import { encodeExactJson, parseExactJson } from '../base/exact-json';
import type { RunRecord } from '../domain/run';
import { describeUnreadable, parsePredictionRow, parseRunRecord } from '../domain/stored-run';
import type { RawRun } from '../storage/run-store';
import { refused } from './backup-manifest';

export interface ReadRun {
  raw: { record: Record<string, unknown>; predictions: Record<string, unknown>[] };
  record: RunRecord;
}

const fields = v.record(v.string(), v.unknown());

const RawRunSchema = v.object({ record: fields, predictions: v.array(fields) });

const RowKeySchema = v.object({ runId: v.string(), split: v.string(), weights: v.string() });

/**
 * Reads what a backup holds of a run.
 * @param where the entry, for sentences: `backup.zip: its runs/7/record.json`
 * @throws {StudioError} `bad-input` when it is damaged, of another run, or of a version that is not known here
 */
export function readBackedUpRun(text: string, runId: string, where: string): ReadRun {
  const raw = parseRaw(text, where);
  const record = parseRecord(raw.record, runId, where);
  if (record.id !== runId) throw refused(`${where} is that of another run, ${record.id}.`);
  for (const row of raw.predictions) {
    const key = v.safeParse(RowKeySchema, row);
    if (!key.success || key.output.runId !== runId || !isPredictions(row)) {
      throw refused(`${where} is damaged: its predictions cannot be read.`);
    }
  }
  return { raw, record };
}

/** The same run under another id, so that both can be kept. */
export function underId({ raw }: ReadRun, id: string): RawRun {
  return {
    record: { ...raw.record, id },
    predictions: raw.predictions.map((row) => ({ ...row, runId: id })),
  };
}

/** Whether two runs hold the same; that weights were deleted since is no difference. */
export function isSameRun(a: RawRun, b: RawRun): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint({ record, predictions }: RawRun): string | null {
  try {
    const { weightsDeleted, ...rest } = v.parse(fields, record);
    return encodeExactJson([rest, predictions.map(encodeExactJson).sort()]);
  } catch {
    // What cannot be written down is equal to nothing.
    return null;
  }
}

function parseRaw(text: string, where: string) {
  try {
    return v.parse(RawRunSchema, parseExactJson(text));
  } catch (cause) {
    throw refused(`${where} is damaged.`, cause);
  }
}

function parseRecord(stored: unknown, runId: string, where: string): RunRecord {
  try {
    return parseRunRecord(stored);
  } catch (cause) {
    throw refused(`${where} cannot be read. ${describeUnreadable(runId, stored, cause).reason}`, cause);
  }
}

function isPredictions(row: unknown): boolean {
  try {
    parsePredictionRow(row);
    return true;
  } catch {
    return false;
  }
}
