/** @file The comparison screen: every stored run in one table, their curves on top of each other. */

import { Box, Group, Loader, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useDataset, useRuns } from '../../state/studio-context';
import { CurvePair } from '../../ui/curve-pair';
import { EmptyNote } from '../../ui/empty-note';
import { Panel } from '../../ui/panel';
import { SentenceAlert } from '../../ui/sentence-alert';
import { sortRows, toRow } from './comparison-rows';
import { ComparisonTable } from './comparison-table';
import { ModelsPanel } from './models-panel';
import { UnreadablePanel } from './unreadable-panel';

export function CompareScreen({ onBegin }: { onBegin: () => void }) {
  const { records, loaded, unreadable, failure, scope, setScope, sort } = useRuns((state) => state);
  const summary = useDataset((state) => state.summary);
  const here = useMemo(
    () => (summary ? records.filter(({ dataset }) => dataset.id === summary.id) : records),
    [records, summary],
  );
  const shown = scope === 'current' ? here : records;
  const rows = useMemo(() => sortRows(shown.map(toRow), sort), [shown, sort]);

  if (!loaded) {
    return (
      <Group justify="center" py="xl">
        <Loader size="sm" />
        <Text>Reading the stored runs</Text>
      </Group>
    );
  }
  return (
    <Stack gap="lg">
      {failure && <SentenceAlert title="About the stored runs" sentences={[failure]} tone="problem" />}
      {records.length === 0 && unreadable.length === 0 && !failure && (
        <EmptyNote
          icon={<IconChartLine size={28} />}
          title="No run yet"
          text="Every run is listed here with its test accuracy and time, also after a reload."
          action={{ label: 'Pick networks', run: onBegin }}
        />
      )}
      {records.length > 0 && (
        <Panel
          title="Runs"
          aside={
            summary && (
              <SegmentedControl
                size="xs"
                aria-label="Which runs"
                value={scope}
                onChange={(value) => setScope(value === 'all' ? 'all' : 'current')}
                data={[
                  { value: 'current', label: 'This dataset' },
                  { value: 'all', label: 'All' },
                ]}
              />
            )
          }
        >
          {rows.length > 0 ? (
            <ComparisonTable rows={rows} onContinued={onBegin} />
          ) : (
            <Text c="dimmed" size="sm">
              No run on {summary?.name} yet. {records.length} on other datasets.
            </Text>
          )}
          <Text size="xs" c="dimmed">
            Test accuracy is that of the last weights, as in the notebook; beside it that of the weights with the lowest
            training loss. The column Notebook is what the notebook reports for its own dataset and hardware.
          </Text>
        </Panel>
      )}
      {unreadable.length > 0 && <UnreadablePanel runs={unreadable} />}
      <ModelsPanel />
      {shown.some(({ epochs }) => epochs.length > 0) && (
        <Panel title="Curves">
          <Box>
            <CurvePair records={shown} />
          </Box>
        </Panel>
      )}
    </Stack>
  );
}
