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
  // Not `live` itself: that changes with every batch.
  const item = useTraining((state) => state.live?.item ?? null);
  const waiting = useTraining((state) => state.queue.items);
  const shown = useMemo(
    () => drawnRuns({ active, live: item && { item }, waiting }, records, openId),
    [active, item, waiting, records, openId],
  );
  return (
    <Panel title="Curves">
      <CurvePair records={shown} />
    </Panel>
  );
}
