/** @file The curves of the runs on one dataset, the one that is going among them. */

import { useMemo } from 'react';
import { useDataset, useRuns, useTraining } from '../../state/studio-context';
import { CurvePair } from '../../ui/curve-pair';
import { Panel } from '../../ui/panel';
import { drawnRuns } from './trained-runs';

export function CurvesPanel() {
  const records = useRuns((state) => state.records);
  const openId = useDataset((state) => state.summary?.id ?? null);
  const active = useTraining((state) => state.active);
  const queue = useTraining((state) => state.queue);
  // Not `live` itself: that changes with every batch.
  const record = useTraining((state) => state.live?.record ?? null);
  const shown = useMemo(
    () => drawnRuns({ active, queue, live: { record } }, records, openId),
    [active, queue, record, records, openId],
  );
  return (
    <Panel title="Curves">
      <CurvePair records={shown} />
    </Panel>
  );
}
