/**
 * @file The database's step to version 2: predictions leave the run records for a store of their own.
 *
 * A record that cannot be read stays exactly as it is, predictions included, so that a later version can still read it.
 */

import { parseStoredRun, type StoredRun } from '../domain/stored-run';
import { predictionRows } from './prediction-rows';
import type { UpgradeTransaction } from './thorax-schema';

/** Converts one record after another, so that a database of any size needs little memory. */
export async function splitPredictions(transaction: UpgradeTransaction): Promise<void> {
  const predictions = transaction.objectStore('predictions');
  for (let cursor = await transaction.objectStore('runs').openCursor(); cursor; cursor = await cursor.continue()) {
    const stored = readOrNull(cursor.value);
    if (!stored?.predictions) continue;
    for (const row of predictionRows(stored.record.id, stored.predictions)) await predictions.put(row);
    await cursor.update(stored.record);
  }
}

function readOrNull(value: unknown): StoredRun | null {
  try {
    return parseStoredRun(value);
  } catch {
    return null;
  }
}
