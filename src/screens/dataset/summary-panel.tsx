/** @file What is in the dataset: layout, images per class and split, and the check that runs in the background. */

import { Badge, Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { countImages, type DatasetLayout, type DatasetSummary } from '../../domain/dataset';
import { SPLITS, type Split } from '../../domain/split';
import { useDataset } from '../../state/studio-context';
import { formatCount } from '../../ui/format';
import { SentenceAlert } from '../../ui/sentence-alert';
import { SyntheticBadge } from '../../ui/synthetic-badge';
import { WorkProgress } from '../../ui/work-progress';
import { describeRanges } from './describe-ranges';
import classes from './summary-panel.module.css';

const LAYOUTS: Record<DatasetLayout, string> = {
  lists: 'Image folders with list files',
  'split-folders': 'Train, validation and test folders, one folder per class inside',
  'class-folders': 'One folder per class, split 80/10/10 here',
};

const SPLIT_NAMES: Record<Split, string> = { train: 'Training', validation: 'Validation', test: 'Test' };

interface SummaryPanelProps {
  summary: DatasetSummary;
  onContinue: () => void;
}

export function SummaryPanel({ summary, onContinue }: SummaryPanelProps) {
  const { checking, checkFailure, cancelCheck, checkAgain } = useDataset((state) => state);
  const imageCount = SPLITS.reduce((sum, split) => sum + countImages(summary, split), 0);
  return (
    <Paper withBorder p="md" component="section" aria-label="Dataset summary">
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Stack gap={4} miw={0}>
            <Group gap="xs">
              <Title order={2} size="h4" className="thorax-breakable">
                {summary.name}
              </Title>
              {summary.synthetic && <SyntheticBadge />}
            </Group>
            <Group gap="xs">
              <Badge variant="default" tt="none" fw={500}>
                {formatCount(imageCount)} images
              </Badge>
              <Text size="sm" c="dimmed">
                {LAYOUTS[summary.layout]}
              </Text>
            </Group>
            {summary.ranges && (
              <Text size="sm" c="dimmed">
                {describeRanges(summary.ranges)}
              </Text>
            )}
          </Stack>
          <Button rightSection={<IconArrowRight size={18} />} onClick={onContinue}>
            Choose networks
          </Button>
        </Group>
        <Table.ScrollContainer minWidth={260}>
          <Table highlightOnHover className={`thorax-numbers ${classes.table}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Class</Table.Th>
                {SPLITS.map((split) => (
                  <Table.Th key={split} scope="col" ta="right">
                    {SPLIT_NAMES[split]}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {summary.classNames.map((name, index) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={500} className={classes.name}>
                    {name}
                  </Table.Th>
                  {SPLITS.map((split) => (
                    <Table.Td key={split} ta="right">
                      {formatCount(summary.classCounts[index][split])}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
            <Table.Tfoot>
              <Table.Tr>
                <Table.Th scope="row">Total</Table.Th>
                {SPLITS.map((split) => (
                  <Table.Th key={split} ta="right">
                    {formatCount(countImages(summary, split))}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Tfoot>
          </Table>
        </Table.ScrollContainer>
        {checking && (
          <WorkProgress
            label="Checking the images"
            done={checking.done}
            total={checking.total ?? imageCount}
            timeLeftMs={checking.timeLeftMs}
            onCancel={() => void cancelCheck()}
          />
        )}
        {checkFailure !== null && (
          <Stack gap="xs" align="flex-start">
            <SentenceAlert title="The images are not checked" sentences={[checkFailure]} tone="problem" />
            <Button variant="default" onClick={checkAgain}>
              Check again
            </Button>
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}
