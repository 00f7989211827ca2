/** @file Sentences about a backup that was made, and about one that was restored. */

import type { BackupReport, RestoredRun, RestoreReport } from '../../domain/backup';
import { NETWORKS } from '../../domain/network';
import { formatDate, formatStored } from '../../ui/format';

/** `thorax-backup.zip holds 3 runs, 412 MB.` */
export function madeSentence({ name, runCount, sizeBytes }: BackupReport): string {
  return `${name} holds ${countOf(runCount, 'run')}, ${formatStored(sizeBytes)}.`;
}

const OUTCOMES: Record<Exclude<RestoredRun['outcome'], 'refused'>, (runs: string) => string> = {
  restored: (runs) => `${runs} restored.`,
  same: (runs) => `${runs} here already and stayed unchanged.`,
  bothKept: (runs) => `${runs} here already with other content: both are kept.`,
  weightsBack: (runs) => `${runs} here without weights and got them back.`,
};

/** What was restored, in counts. */
export function restoredSentences({ runs, queue, pretrained }: RestoreReport): string[] {
  const sentences = (['restored', 'weightsBack', 'bothKept', 'same'] as const).flatMap((outcome) => {
    const count = runs.filter((run) => run.outcome === outcome).length;
    return count > 0 ? [OUTCOMES[outcome](`${countOf(count, 'run')} ${count === 1 ? 'was' : 'were'}`)] : [];
  });
  if (queue.count > 0) sentences.push(`${countOf(queue.count, 'waiting run')} joined the queue.`);
  const kept = pretrained.filter(({ outcome }) => outcome === 'restored').length;
  if (kept > 0) sentences.push(`${countOf(kept, 'pretrained file')} ${kept === 1 ? 'is' : 'are'} kept again.`);
  return sentences.length > 0 ? sentences : ['Nothing was in it that is not here.'];
}

/** What was not restored, or cannot be used, each with its reason. */
export function refusedSentences({ runs, queue, pretrained }: RestoreReport): string[] {
  const ofRuns = runs.flatMap((run) => (run.sentence ? [`${nameOf(run)}: ${run.sentence}`] : []));
  const ofFiles = pretrained.flatMap(({ sentence }) => (sentence ? [sentence] : []));
  return [...ofRuns, ...(queue.sentence ? [queue.sentence] : []), ...ofFiles];
}

function nameOf({ runId, network, createdAt }: RestoredRun): string {
  if (network === null || createdAt === null) return `Run ${runId}`;
  return `${NETWORKS[network].name} of ${formatDate(createdAt)}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
