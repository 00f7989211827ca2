/** @file One network: a checkbox, what it is, what it needs, and its recipe behind a button. */

import { Box, Button, Checkbox, Group, Paper, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useId } from 'react';
import { NETWORKS, type NetworkId } from '../../domain/network';
import { isNotebookOwn } from '../../state/draft-store';
import { classCountOf } from '../../state/estimates-store';
import { useDataset, useDraft, useWeights } from '../../state/studio-context';
import { missingWeights } from '../../state/weights-store';
import { networkColour } from '../../ui/network-colour';
import { networkCost } from './network-cost';
import { NetworkEstimate } from './network-estimate';
import { RecipeEditor } from './recipe-editor';

export function NetworkCard({ network }: { network: NetworkId }) {
  const { name, summary } = NETWORKS[network];
  const descriptionId = useId();
  const estimateId = useId();
  const selected = useDraft((state) => state.selected.includes(network));
  const expanded = useDraft((state) => state.expanded.includes(network));
  const changed = useDraft((state) => !isNotebookOwn(network, state.own[network]));
  const select = useDraft((state) => state.select);
  const expand = useDraft((state) => state.expand);
  const classCount = useDataset((state) => classCountOf(state.summary));
  const inputSize = useDraft((state) => state.shared.inputSize);
  const cost = networkCost(network, inputSize, classCount);
  const needs = useWeightsSentence(network);

  return (
    <Paper withBorder p="sm" style={{ borderLeft: `4px solid ${networkColour(network)}` }}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Checkbox
          label={name}
          checked={selected}
          onChange={({ currentTarget }) => select(network, currentTarget.checked)}
          aria-describedby={`${descriptionId} ${estimateId}`}
          styles={{ label: { fontWeight: 600 } }}
        />
        <Button
          variant="subtle"
          size="compact-xs"
          aria-expanded={expanded}
          aria-describedby={descriptionId}
          rightSection={expanded ? <IconChevronUp size={14} /> : <IconChevronDown size={14} />}
          onClick={() => expand(network, !expanded)}
        >
          {changed ? 'Recipe (changed)' : 'Recipe'}
        </Button>
      </Group>
      <Box id={descriptionId} pl={32}>
        <Text size="sm" c="dimmed">
          {summary}
        </Text>
        <Stack gap={0} mt={4}>
          <Text size="xs" c={cost.tooSmall ? 'var(--mantine-color-error)' : 'dimmed'} className="thorax-numbers">
            {cost.text}
          </Text>
          <Text size="xs" c="dimmed">
            {needs}
          </Text>
        </Stack>
      </Box>
      <NetworkEstimate network={network} id={estimateId} />
      {expanded && <RecipeEditor network={network} />}
    </Paper>
  );
}

function useWeightsSentence(network: NetworkId): string {
  const random = useDraft((state) => state.startFromRandomWeights);
  const missing = useWeights((state) => missingWeights(state.statuses, network) !== null);
  const { pretrained } = NETWORKS[network];
  if (!pretrained || random) return 'Starts from random weights.';
  return missing
    ? 'Needs its ImageNet weights file, which is not here yet.'
    : 'Starts from the weights file kept here.';
}
