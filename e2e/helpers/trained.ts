/**
 * @file What a trained run is, without when and how fast it came to be: its curve, its test and the bytes of its weights. Two runs of
 * one recipe on one device are equal in all of it, however often one of them was cut off.
 */

import type { Page } from '@playwright/test';
import type { RunRecord } from '../../src/domain/run';
import { readPredictions, readRuns } from './records';

/** SHA-256 of the files of a run's last and best weights; null where there is none. */
type WeightDigests = Record<'last' | 'best', string | null>;

/** To be compared with `toEqual`. @throws {Error} when no such run is stored, or no weights of it. */
export async function readTrained(page: Page, runId: string) {
  const record = (await readRuns(page)).find(({ id }) => id === runId);
  if (!record) throw new Error(`No run ${runId} is stored.`);
  const { status, bestEpoch, test } = record;
  const weights = await digestWeights(page, runId);
  if (weights.last === null) throw new Error(`No weights of run ${runId} are stored.`);
  return {
    status,
    curve: curveOf(record),
    bestEpoch,
    test,
    predictions: await readPredictions(page, record),
    weights,
  };
}

function curveOf({ epochs }: RunRecord) {
  return epochs.map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => {
    return { epoch, loss, accuracy, validationLoss, validationAccuracy };
  });
}

function digestWeights(page: Page, runId: string): Promise<WeightDigests> {
  return page.evaluate(async (id) => {
    const root = await navigator.storage.getDirectory();
    const runs = await root.getDirectoryHandle('runs').catch(() => null);
    const folder = await runs?.getDirectoryHandle(id).catch(() => null);
    if (!folder) return { last: null, best: null };
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    const read = async (name: string) => (await folder.getFileHandle(name)).getFile();
    // The newest generation.
    const numberOf = (name: string) => Number(/^checkpoint-(\d+)\.json$/.exec(name)?.[1] ?? -1);
    const [newest] = names.filter((name) => numberOf(name) >= 0).sort((a, b) => numberOf(b) - numberOf(a));
    if (newest === undefined) return { last: null, best: null };
    const { manifest } = JSON.parse(await (await read(newest)).text());
    const digest = async (entry: { weights?: { fileName: string } } | null | undefined) => {
      if (!entry?.weights) return null;
      const bytes = await (await read(entry.weights.fileName)).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    };
    return { last: await digest(manifest.last), best: await digest(manifest.best) };
  }, runId);
}
