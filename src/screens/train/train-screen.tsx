/** @file The training screen: networks and recipes at the left, the current run and its curves at the right. */

import { Grid, Stack } from '@mantine/core';
import { IconDatabaseOff } from '@tabler/icons-react';
import { useDataset } from '../../state/studio-context';
import { EmptyNote } from '../../ui/empty-note';
import { CurvesPanel } from './curves-panel';
import { EpochPanel } from './epoch-panel';
import { NetworksPanel } from './networks-panel';
import { RunPanel } from './run-panel';
import { SharedPanel } from './shared-panel';
import { WeightsPanel } from './weights-panel';

export function TrainScreen({ onOpenDataset }: { onOpenDataset: () => void }) {
  const summary = useDataset((state) => state.summary);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="lg">
          {!summary && (
            <EmptyNote
              icon={<IconDatabaseOff size={28} />}
              title="No dataset is open"
              text="Drop a folder of labelled radiographs first, or try the sample dataset."
              action={{ label: 'Open a dataset', run: onOpenDataset }}
            />
          )}
          <NetworksPanel />
          <SharedPanel />
          <WeightsPanel />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="lg">
          <RunPanel />
          <CurvesPanel />
          <EpochPanel />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
