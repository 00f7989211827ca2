/** @file Files that cannot be used and what else is worth knowing, each with its sentence. */

import { Badge, Button, Group, ScrollArea, Text } from '@mantine/core';
import { memo, startTransition, useMemo, useState } from 'react';
import type { DatasetProblem } from '../../domain/dataset';
import { useDataset } from '../../state/studio-context';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/panel';
import { orderProblems } from './order-problems';
import classes from './problem-panel.module.css';

/** Shown at first: a folder of a hundred thousand files may have as many problems. */
const SHOWN = 200;

const SEVERITIES: Record<DatasetProblem['severity'], { word: string; colour: string }> = {
  blocking: { word: 'Blocks', colour: 'red' },
  excluded: { word: 'Left out', colour: 'orange' },
  notice: { word: 'Notice', colour: 'gray' },
};

export function ProblemPanel() {
  const problems = useDataset((state) => state.summary?.problems);
  const found = useDataset((state) => state.found);
  const all = useMemo(() => orderProblems([...(problems ?? []), ...found]), [problems, found]);
  const datasetId = useDataset((state) => state.summary?.id ?? null);
  const [unfoldedId, setUnfoldedId] = useState<string | null>(null);
  const shown = unfoldedId !== null && unfoldedId === datasetId ? all : all.slice(0, SHOWN);
  if (all.length === 0) return null;
  return (
    <Panel title="Problems" aside={<Badge variant="default">{formatCount(all.length)}</Badge>}>
      <ScrollArea.Autosize
        mah={320}
        type="auto"
        viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': 'Problems' }}
      >
        <ul aria-label="Dataset problems" className={classes.list}>
          {shown.map((problem) => (
            <ProblemItem key={`${problem.path} ${problem.reason}`} problem={problem} />
          ))}
        </ul>
      </ScrollArea.Autosize>
      {shown.length < all.length && (
        <Group gap="sm">
          <Text size="sm" c="dimmed">
            The first {SHOWN} of {formatCount(all.length)} are shown.
          </Text>
          {/* A transition: the page stays usable while thousands of lines are built. */}
          <Button variant="default" size="compact-sm" onClick={() => startTransition(() => setUnfoldedId(datasetId))}>
            Show all
          </Button>
        </Group>
      )}
    </Panel>
  );
}

const ProblemItem = memo(function ProblemItem({ problem }: { problem: DatasetProblem }) {
  const { path, reason, severity } = problem;
  return (
    <li className={classes.item}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Badge size="sm" variant="light" color={SEVERITIES[severity].colour} className={classes.severity}>
          {SEVERITIES[severity].word}
        </Badge>
        <Text size="sm" className="thorax-breakable">
          <Text span ff="monospace" fz="xs" fw={600}>
            {path}
          </Text>{' '}
          {reason}
        </Text>
      </Group>
    </li>
  );
});
