/** @file The four networks to choose from. */

import { Stack } from '@mantine/core';
import { useEffect } from 'react';
import { NETWORK_IDS } from '../../domain/network';
import { RECIPE_BOUNDS } from '../../domain/recipe';
import { NOTEBOOK_CLASS_COUNT } from '../../state/estimates-store';
import { useDataset, useDescriptions, useDraft, useEstimates } from '../../state/studio-context';
import { Panel } from '../../ui/panel';
import { NetworkCard } from './network-card';

export function NetworksPanel() {
  const classCount = useDataset((state) => state.summary?.classNames.length ?? NOTEBOOK_CLASS_COUNT);
  const inputSize = useDraft((state) => usableSize(state.shared.inputSize));
  const load = useDescriptions((state) => state.load);
  const follow = useEstimates((state) => state.follow);

  useEffect(() => {
    void load(classCount, inputSize);
  }, [load, classCount, inputSize]);
  useEffect(() => follow(), [follow]);

  return (
    <Panel title="Networks">
      <Stack gap="sm">
        {NETWORK_IDS.map((network) => (
          <NetworkCard key={network} network={network} />
        ))}
      </Stack>
    </Panel>
  );
}

/** What is being typed may be no size at all; parameters are then counted at the networks' own. */
function usableSize(inputSize: number | null): number | null {
  const { min, max } = RECIPE_BOUNDS.inputSize;
  const usable = inputSize !== null && Number.isInteger(inputSize) && inputSize >= min && inputSize <= max;
  return usable ? inputSize : null;
}
