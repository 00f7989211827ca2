/** @file Reads what the studio stored, past its own code: the run records in IndexedDB. */

import type { Page } from '@playwright/test';
import type { Evaluation, RunRecord } from '../../src/domain/run';

/** Every run record of the database `thorax`, oldest first. */
export async function readRuns(page: Page): Promise<RunRecord[]> {
  const found = await page.evaluate(async () => {
    // Opening a database that is not there would create it, empty, before the studio does.
    const names = (await indexedDB.databases()).map(({ name }) => name);
    if (!names.includes('thorax')) return [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('thorax');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const stores = [...database.objectStoreNames];
    const values: unknown[] = [];
    for (const store of stores) {
      const request = database.transaction(store).objectStore(store).getAll();
      values.push(
        ...(await new Promise<unknown[]>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        })),
      );
    }
    database.close();
    return values;
  });
  return found.filter(isRun).sort((a, b) => a.createdAt - b.createdAt);
}

function isRun(value: unknown): value is RunRecord {
  return typeof value === 'object' && value !== null && 'recipe' in value && 'epochs' in value;
}

/** Accuracy counted again from the stored predictions: the share whose highest probability is at the true class. */
export function recountAccuracy(evaluation: Evaluation): number {
  const right = evaluation.predictions.filter(
    ({ classIndex, probabilities }) => probabilities.indexOf(Math.max(...probabilities)) === classIndex,
  );
  return right.length / evaluation.predictions.length;
}
