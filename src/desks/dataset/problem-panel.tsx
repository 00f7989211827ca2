/** @file Files that cannot be used and what else is worth knowing, each with its sentence. */

import { Badge, Group, ScrollArea, Text } from '@mantine/core';
import type { DatasetProblem } from '../../domain/dataset';
import { useDataset } from '../../state/studio-context';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/panel';
import classes from './problem-panel.module.css';

const SHOWN = 200;

const SEVERITIES: Record<DatasetProblem['severity'], { word: string; colour: string }> = {
  blocking: { word: 'Blocks', colour: 'red' },
  excluded: { word: 'Left out', colour: 'orange' },
  notice: { word: 'Notice', colour: 'gray' },
};

export function ProblemPanel() {
  const problems = useDataset((state) => state.summary?.problems);
  const found = useDataset((state) => state.found);
  const all = [...(problems ?? []), ...found];
  if (all.length === 0) return null;
  return (
    <Panel title="Problems" aside={<Badge variant="default">{formatCount(all.length)}</Badge>}>
      <ScrollArea.Autosize
        mah={320}
        type="auto"
        viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': 'Problems' }}
      >
        <ul aria-label="Dataset problems" className={classes.list}>
          {all.slice(0, SHOWN).map(({ path, reason, severity }) => (
            <li key={`${path} ${reason}`} className={classes.item}>
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
          ))}
        </ul>
      </ScrollArea.Autosize>
      {all.length > SHOWN && (
        <Text size="sm" c="dimmed">
          The first {SHOWN} of {formatCount(all.length)} are shown.
        </Text>
      )}
    </Panel>
  );
}
