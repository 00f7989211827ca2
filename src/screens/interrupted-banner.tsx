/** @file The runs that a closed tab, a crash or a lost device cut off, until they are continued or dismissed. */

import { useState } from 'react';
import { NETWORKS } from '../domain/network';
import { canContinue } from '../domain/recovery';
import type { RunRecord } from '../domain/run';
import { useRuns, useTraining } from '../state/studio-context';
import { formatDate } from '../ui/format';
import { SentenceAlert } from '../ui/sentence-alert';
import { ContinueRun } from './continue-run';

export function InterruptedBanner({ onContinued }: { onContinued: () => void }) {
  const records = useRuns((state) => state.records);
  const active = useTraining((state) => state.active);
  const continuing = useTraining((state) => state.continuing);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const interrupted = records.filter(
    (record) => record.status === 'interrupted' && canContinue(record) && !dismissed.has(record.id),
  );
  const [newest, ...others] = interrupted;
  if (!newest || (active && continuing === null)) return null;
  return (
    <SentenceAlert
      title="A run was interrupted"
      sentences={[describe(newest), ...describeOthers(others.length)]}
      tone="notice"
      onClose={() => setDismissed(new Set(records.map(({ id }) => id)))}
    >
      <ContinueRun record={newest} onContinued={onContinued} />
    </SentenceAlert>
  );
}

function describe({ recipe, dataset, epochs, createdAt, failure }: RunRecord): string {
  const { name } = NETWORKS[recipe.network];
  const done = epochs.length === 1 ? '1 epoch' : `${epochs.length} epochs`;
  const words = `${name} on ${dataset.name}, begun ${formatDate(createdAt)}, was cut off after ${done} of ${recipe.epochs}. It can go on from its last checkpoint.`;
  return failure === null ? words : `${words} ${failure}`;
}

function describeOthers(count: number): string[] {
  if (count === 0) return [];
  return [count === 1 ? 'So was 1 other run; Compare lists both.' : `So were ${count} other runs; Compare lists them.`];
}
