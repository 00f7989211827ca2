/** @file The curves of the runs on this dataset, the one that is going among them. */

import { useMemo } from 'react';
import { useDataset, useRuns, useTraining } from '../../state/studio-context';
import { CurvePair } from '../../ui/curve-pair';
import { Panel } from '../../ui/panel';

export function CurvesPanel() {
  const records = useRuns((state) => state.records);
  const openId = useDataset((state) => state.summary?.id);
  const liveDatasetId = useTraining((state) => state.live?.record?.dataset.id);
  const datasetId = openId ?? liveDatasetId;
  const shown = useMemo(() => records.filter(({ dataset }) => dataset.id === datasetId), [records, datasetId]);
  return (
    <Panel title="Curves">
      <CurvePair records={shown} />
    </Panel>
  );
}
