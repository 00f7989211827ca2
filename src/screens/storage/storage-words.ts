/** @file Sentences of the panel `Storage`: how much is used, what keeps it, and what would free how much. */

import { NETWORKS } from '../../domain/network';
import type { RunRecord } from '../../domain/run';
import type { RunSizes, StoredSizes } from '../../domain/stored-sizes';
import type { DiskUse } from '../../state/browser-storage';
import type { Persistence } from '../../state/storage-store';
import { formatDate, formatStored } from '../../ui/format';

/** `1.20 GB are used. …`; what browsers say that they grant is not always what the disk has. */
export function diskWords({ usedBytes, quotaBytes }: DiskUse): string {
  return `${formatStored(usedBytes)} are used. The browser says that it grants ${formatStored(quotaBytes)}; the disk may have less.`;
}

const PERSISTENCE: Record<Persistence, string> = {
  persistent: 'The browser keeps all of it until you delete it here or clear the site’s data.',
  notAsked:
    'The browser may remove all of it when the disk runs short. It is asked to keep it when a training begins. A backup is safe from that.',
  refused:
    'The browser was asked to keep all of it and did not agree: it may remove it when the disk runs short. Installing the page or adding a bookmark can change its answer. A backup is safe from that.',
};

export function persistenceWords(persistence: Persistence): string {
  return PERSISTENCE[persistence];
}

/** `VGG16 of May 1, 2026, 3:04 PM` */
export function runName({ recipe, createdAt }: RunRecord): string {
  return `${NETWORKS[recipe.network].name} of ${formatDate(createdAt)}`;
}

/** `Weights 120 MB, optimizer state 240 MB` */
export function sizeWords({ weightsBytes, optimizerBytes }: RunSizes): string {
  const weights = weightsBytes > 0 ? [`weights ${formatStored(weightsBytes)}`] : [];
  const optimizer = optimizerBytes > 0 ? [`optimizer state ${formatStored(optimizerBytes)}`] : [];
  const words = [...weights, ...optimizer].join(', ');
  return words ? words[0].toUpperCase() + words.slice(1) : 'No weights';
}

/**
 * A full or nearly full disk: what that means, and what would free how much.
 * @param disk null when a checkpoint was refused already
 */
export function fullSentences(disk: DiskUse | null, sizes: StoredSizes | null): string[] {
  const meaning = disk
    ? `Of the ${formatStored(disk.quotaBytes)} that the browser grants, ${formatStored(Math.max(0, disk.quotaBytes - disk.usedBytes))} are left: soon weights of a training may no longer be stored.`
    : 'A checkpoint could not be stored: the disk, or the share of it that this browser grants, is full.';
  const frees = sizes ? whatFrees(sizes) : [];
  return frees.length > 0 ? [meaning, `Deleting frees: ${frees.join('; ')}.`] : [meaning];
}

function whatFrees({ runs, pretrained }: StoredSizes): string[] {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const withState = runs.filter(({ optimizerBytes }) => optimizerBytes > 0);
  const withWeights = runs.filter(({ weightsBytes }) => weightsBytes > 0);
  const parts: [count: number, what: string, sizeBytes: number][] = [
    [withState.length, 'optimizer state', sum(withState.map(({ optimizerBytes }) => optimizerBytes))],
    [withWeights.length, 'weights', sum(withWeights.map(({ weightsBytes }) => weightsBytes))],
  ];
  const ofRuns = parts
    .filter(([count]) => count > 0)
    .map(
      ([count, what, sizeBytes]) =>
        `the ${what} of ${count === 1 ? '1 run' : `${count} runs`} ${formatStored(sizeBytes)}`,
    );
  const files = sum(pretrained.map(({ sizeBytes }) => sizeBytes));
  return files > 0 ? [...ofRuns, `the kept pretrained files ${formatStored(files)}`] : ofRuns;
}
