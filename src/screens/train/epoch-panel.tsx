/** @file The log: one line per epoch of the current or last run, as Keras prints it. */

import { Table } from '@mantine/core';
import { memo } from 'react';
import { NETWORKS } from '../../domain/network';
import type { EpochLog, RunRecord } from '../../domain/run';
import { useLiveRecord } from '../../state/studio-context';
import { formatCount, formatGflops, formatMeasure, formatMegabytes } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { useOwnTask } from '../../ui/use-own-task';
import classes from './epoch-panel.module.css';

/** Lines shown: a log of a thousand lines would be redrawn with every epoch. */
const SHOWN = 100;

export function EpochPanel() {
  const record = useOwnTask(useLiveRecord(), 160);
  if (!record || record.epochs.length === 0) return null;
  return (
    <Panel title={`Log of ${NETWORKS[record.recipe.network].name}`}>
      <EpochTable epochs={record.epochs} bestEpoch={record.bestEpoch} />
    </Panel>
  );
}

const EpochTable = memo(function EpochTable({ epochs, bestEpoch }: Pick<RunRecord, 'epochs' | 'bestEpoch'>) {
  return (
    <Table.ScrollContainer minWidth={680} maxHeight={320}>
      <Table aria-label="Log" stickyHeader className="thorax-numbers" fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>epoch</Table.Th>
            <Table.Th ta="right">loss</Table.Th>
            <Table.Th ta="right">accuracy</Table.Th>
            <Table.Th ta="right">val_loss</Table.Th>
            <Table.Th ta="right">val_accuracy</Table.Th>
            <Table.Th ta="right">seconds</Table.Th>
            <Table.Th ta="right">GFLOP/s</Table.Th>
            <Table.Th ta="right">tensors</Table.Th>
            <Table.Th ta="right">their size</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {epochs
            .slice(-SHOWN)
            .toReversed()
            .map((log) => (
              <EpochRow key={log.epoch} log={log} best={log.epoch === bestEpoch} />
            ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
});

/** Bare cells, drawn once: a hundred rows of library cells took longer than the charts. */
const EpochRow = memo(function EpochRow({ log, best }: { log: EpochLog; best: boolean }) {
  return (
    <tr className={classes.row}>
      <td>{best ? `${log.epoch} (lowest loss)` : log.epoch}</td>
      <td>{formatMeasure(log.loss)}</td>
      <td>{formatMeasure(log.accuracy)}</td>
      <td>{formatMeasure(log.validationLoss)}</td>
      <td>{formatMeasure(log.validationAccuracy)}</td>
      <td>{(log.timeMs / 1000).toFixed(1)}</td>
      <td>{log.gflops === undefined ? '-' : formatGflops(log.gflops)}</td>
      <td>{formatCount(log.tensorCount)}</td>
      <td>{formatMegabytes(log.gpuBytes)}</td>
    </tr>
  );
});
