/** @file One run in the comparison table, with its export menu and the button that deletes it. */

import { ActionIcon, Badge, Box, Group, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { canContinue } from '../../domain/recovery';
import { keptWeights, type RunStatus } from '../../domain/run';
import { furtherWeights } from '../../domain/train-further';
import { useRuns } from '../../state/studio-context';
import { ConfirmRemoval } from '../../ui/confirm-removal';
import { formatAccuracy, formatCount, formatDate, formatRunTime } from '../../ui/format';
import { networkColour } from '../../ui/network-colour';
import { ancestorWords, stoppedEarlyWords, unkeptWords } from '../../ui/run-words';
import { SyntheticBadge } from '../../ui/synthetic-badge';
import { ContinueRun } from '../continue-run';
import type { ComparisonRow, Score } from './comparison-rows';
import classes from './comparison-table.module.css';
import { ExportMenu } from './export-menu';
import { importedWords } from './model-words';
import { TrainFurther } from './train-further';

/** Never narrower than its words. */
const BADGE = { variant: 'light', tt: 'none', fw: 500, miw: 'max-content' } as const;

const STATUS_COLOURS: Record<RunStatus, string> = {
  running: 'lagoon',
  finished: 'teal',
  stopped: 'orange',
  failed: 'red',
  diverged: 'red',
  interrupted: 'orange',
};

interface RunRowProps {
  row: ComparisonRow;
  /** Called when the run is continued, or queued to be trained further. */
  onContinued: () => void;
}

export function RunRow({ row, onContinued }: RunRowProps) {
  const isElsewhere = useRuns(({ elsewhere }) => row.record.status === 'running' && elsewhere.has(row.record.id));
  const records = useRuns((state) => state.records);
  const { record, name, last, best, notebook, randomWeights, imported, settings } = row;
  return (
    <Table.Tr>
      {/* A plain cell, so that the cells of a row count like the column headers. */}
      <Table.Td fw={600}>
        <span className={classes.network}>
          <span className={classes.dot} style={{ background: networkColour(record.recipe.network) }} aria-hidden />
          {name}
        </span>
        {record.sourceFile && (
          <Text size="xs" c="dimmed" maw={180} className="thorax-breakable">
            {record.sourceFile}
          </Text>
        )}
        {record.ancestor && (
          <Text size="xs" c="dimmed" maw={180} className="thorax-breakable">
            {ancestorWords(record.ancestor, records, record.dataset.name)}
          </Text>
        )}
        {record.inputScaling && (
          <Text size="xs" c="dimmed" maw={180}>
            {importedWords(record)}
          </Text>
        )}
      </Table.Td>
      <ScoreCell score={last} />
      <ScoreCell score={best} />
      <NumberCell text={imported ? '-' : formatRunTime(record.timeMs)} />
      <NumberCell text={formatCount(record.parameterCount)} />
      <NumberCell text={record.bestEpoch === null ? '-' : String(record.bestEpoch)} />
      <NumberCell text={`${notebook.testAccuracy.toFixed(3)}, ${notebook.timeSeconds} s`} />
      <Table.Td>
        <Group gap={4}>
          <Badge {...BADGE} color={STATUS_COLOURS[record.status]}>
            {isElsewhere ? 'running in another tab' : record.status}
          </Badge>
          {imported && (
            <Badge {...BADGE} color="blue">
              trained elsewhere
            </Badge>
          )}
          {record.weightsOrigin === 'file' && !imported && (
            <Badge {...BADGE} color="blue">
              own weights file
            </Badge>
          )}
          {record.weightsDeleted && (
            <Badge {...BADGE} color="gray">
              weights deleted
            </Badge>
          )}
          {randomWeights && (
            <Badge {...BADGE} color="orange">
              random weights
            </Badge>
          )}
        </Group>
        {[stoppedEarlyWords(record), unkeptWords(record), record.failure, record.collapse].map(
          (words) =>
            words && (
              <Text key={words} size="xs" c="dimmed" maw={260} className="thorax-breakable">
                {words}
              </Text>
            ),
        )}
        {canContinue(record) && (
          <Box mt={4}>
            <ContinueRun record={record} onContinued={onContinued} />
          </Box>
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm" maw={180} truncate title={record.dataset.name}>
          {record.dataset.name}
        </Text>
        {record.dataset.synthetic && <SyntheticBadge />}
        <Text size="xs" c="dimmed" className={classes.figure}>
          {formatDate(record.createdAt)}
        </Text>
        <Text size="xs" c="dimmed" className={classes.figure}>
          {settings}
        </Text>
      </Table.Td>
      <Table.Td>
        {record.status !== 'running' && (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            {keptWeights(record).length > 0 && (
              <ExportMenu record={record} label={`${name} of ${formatDate(record.createdAt)}`} />
            )}
            {furtherWeights(record).length > 0 && <TrainFurther record={record} onQueued={onContinued} />}
            <DeleteButton row={row} />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function ScoreCell({ score }: { score: Score | null }) {
  return <NumberCell text={score ? formatAccuracy(score.correct, score.total) : '-'} />;
}

function NumberCell({ text }: { text: string }) {
  return (
    <Table.Td ta="right" className={classes.figure}>
      {text}
    </Table.Td>
  );
}

function DeleteButton({ row: { record, name } }: { row: ComparisonRow }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useRuns((state) => state.remove);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        onClick={open}
        aria-label={`Delete ${name} of ${formatDate(record.createdAt)}`}
      >
        <IconTrash size={16} />
      </ActionIcon>
      <ConfirmRemoval
        opened={opened}
        onClose={close}
        title="Delete this run?"
        text={`The record of ${name} of ${formatDate(record.createdAt)} and its weights are removed for good.`}
        verb="Delete"
        onConfirm={() => void remove(record.id)}
      />
    </>
  );
}
