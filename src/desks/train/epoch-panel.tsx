/** @file The log: one line an epoch of the run that is going or went last, as Keras prints it. */

import { Table } from '@mantine/core';
import { memo } from 'react';
import { NETWORKS } from '../../domain/network';
import type { RunRecord } from '../../domain/run';
import { useTraining } from '../../state/studio-context';
import { formatCount, formatMeasure, formatMegabytes } from '../../ui/format';
import { Panel } from '../../ui/panel';

/** A log of a thousand lines would be redrawn with every epoch. */
const SHOWN = 100;

export function EpochPanel() {
  const record = useTraining((state) => state.live?.record ?? null);
  if (!record || record.epochs.length === 0) return null;
  return (
    <Panel title={`Log of ${NETWORKS[record.recipe.network].name}`}>
      <EpochTable epochs={record.epochs} bestEpoch={record.bestEpoch} />
    </Panel>
  );
}

const EpochTable = memo(function EpochTable({ epochs, bestEpoch }: Pick<RunRecord, 'epochs' | 'bestEpoch'>) {
  return (
    <Table.ScrollContainer minWidth={620} maxHeight={320}>
      <Table aria-label="Log" stickyHeader className="thorax-numbers" fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>epoch</Table.Th>
            <Table.Th ta="right">loss</Table.Th>
            <Table.Th ta="right">accuracy</Table.Th>
            <Table.Th ta="right">val_loss</Table.Th>
            <Table.Th ta="right">val_accuracy</Table.Th>
            <Table.Th ta="right">seconds</Table.Th>
            <Table.Th ta="right">tensors</Table.Th>
            <Table.Th ta="right">GPU memory</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {epochs
            .slice(-SHOWN)
            .toReversed()
            .map((log) => (
              <Table.Tr key={log.epoch}>
                <Table.Td>{log.epoch === bestEpoch ? `${log.epoch} (best)` : log.epoch}</Table.Td>
                <Table.Td ta="right">{formatMeasure(log.loss)}</Table.Td>
                <Table.Td ta="right">{formatMeasure(log.accuracy)}</Table.Td>
                <Table.Td ta="right">{formatMeasure(log.validationLoss)}</Table.Td>
                <Table.Td ta="right">{formatMeasure(log.validationAccuracy)}</Table.Td>
                <Table.Td ta="right">{(log.timeMs / 1000).toFixed(1)}</Table.Td>
                <Table.Td ta="right">{formatCount(log.tensorCount)}</Table.Td>
                <Table.Td ta="right">{formatMegabytes(log.gpuBytes)}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
});
