/** @file The four networks to choose from. */

import { Stack } from '@mantine/core';
import { useEffect } from 'react';
import { NETWORK_IDS } from '../../domain/network';
import { useEstimates } from '../../state/studio-context';
import { Panel } from '../../ui/panel';
import { NetworkCard } from './network-card';

export function NetworksPanel() {
  const follow = useEstimates((state) => state.follow);

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
