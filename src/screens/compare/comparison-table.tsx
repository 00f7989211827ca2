/** @file The table `Test comparison`: one row a run, sortable by every column. */

import { Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { RunColumn, RunSort } from '../../state/runs-store';
import { useRuns } from '../../state/studio-context';
import type { ComparisonRow } from './comparison-rows';
import classes from './comparison-table.module.css';
import { RunRow } from './run-row';

const COLUMNS: { column: RunColumn; title: string; number: boolean }[] = [
  { column: 'network', title: 'Network', number: false },
  { column: 'testAccuracy', title: 'Test accuracy', number: true },
  { column: 'bestWeights', title: 'Best weights', number: true },
  { column: 'time', title: 'Time', number: true },
  { column: 'parameters', title: 'Parameters', number: true },
  { column: 'bestEpoch', title: 'Best epoch', number: true },
  { column: 'notebook', title: 'Notebook', number: true },
  { column: 'status', title: 'Status', number: false },
  { column: 'dataset', title: 'Dataset', number: false },
];

interface ComparisonTableProps {
  rows: ComparisonRow[];
  /** Called when a run of the table is continued, or queued to be trained further. */
  onContinued: () => void;
}

export function ComparisonTable({ rows, onContinued }: ComparisonTableProps) {
  const sort = useRuns((state) => state.sort);
  const sortBy = useRuns((state) => state.sortBy);
  return (
    <Table.ScrollContainer minWidth={1120}>
      <Table aria-label="Test comparison" highlightOnHover className="thorax-numbers" verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map(({ column, title, number }) => (
              <Table.Th
                key={column}
                scope="col"
                aria-sort={sort?.column === column ? sort.direction : 'none'}
                ta={number ? 'right' : 'left'}
              >
                <UnstyledButton className={classes.header} onClick={() => sortBy(column)}>
                  {title}
                  <SortIcon sort={sort} column={column} />
                </UnstyledButton>
              </Table.Th>
            ))}
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <RunRow key={row.record.id} row={row} onContinued={onContinued} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function SortIcon({ sort, column }: { sort: RunSort | null; column: RunColumn }) {
  if (sort?.column !== column) return <IconArrowsSort size={14} aria-hidden className={classes.idle} />;
  return sort.direction === 'ascending' ? (
    <IconArrowUp size={14} aria-hidden />
  ) : (
    <IconArrowDown size={14} aria-hidden />
  );
}
