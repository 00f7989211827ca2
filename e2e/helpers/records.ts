/** @file Reads what the studio stored, past its own code: the run records and their predictions in IndexedDB. */

import type { Page } from '@playwright/test';
import type { Prediction, RunPredictions, RunRecord } from '../../src/domain/run';
import type { PredictionRow } from '../../src/storage/prediction-rows';

/** Every run record of the database `thorax`, oldest first. */
export async function readRuns(page: Page): Promise<RunRecord[]> {
  const found = await readStore(page, 'runs');
  return found.filter(isRun).sort((a, b) => a.createdAt - b.createdAt);
}

/** What the run's weights predicted of the test images. */
export async function readPredictions(page: Page, { id }: Pick<RunRecord, 'id'>): Promise<RunPredictions> {
  const rows = ((await readStore(page, 'predictions')) as PredictionRow[]).filter(({ runId }) => runId === id);
  const ofWeights = (kind: string) => rows.find(({ weights }) => weights === kind)?.predictions ?? null;
  return { last: ofWeights('last'), best: ofWeights('best') };
}

/** Accuracy counted again from the stored predictions: the share whose highest probability is at the true class. */
export function recountAccuracy(predictions: Prediction[] | null): number {
  if (!predictions) return Number.NaN;
  const right = predictions.filter(
    ({ classIndex, probabilities }) => probabilities.indexOf(Math.max(...probabilities)) === classIndex,
  );
  return right.length / predictions.length;
}

function readStore(page: Page, store: string): Promise<unknown[]> {
  return page.evaluate(async (name) => {
    // Opening a database that is not there would create it, empty, before the studio does.
    const databases = (await indexedDB.databases()).map((database) => database.name);
    if (!databases.includes('thorax')) return [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('thorax');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const request = database.transaction(name).objectStore(name).getAll();
    const values = await new Promise<unknown[]>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.close();
    return values;
  }, store);
}

function isRun(value: unknown): value is RunRecord {
  return typeof value === 'object' && value !== null && 'recipe' in value && 'epochs' in value;
}
