/** @file What training a network would need by its recipe as it stands: memory, time, and what to do when it does not fit. */

import { ActionIcon, Box, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { NETWORKS, type NetworkId } from '../../domain/network';
import type { RunEstimate } from '../../state/estimate-run';
import { useDraft, useEstimates } from '../../state/studio-context';
import { estimateLine, estimateOrigin } from './estimate-words';

const TOOLTIP_EVENTS = { hover: true, focus: true, touch: true };

/** @param id of the text, for what it describes. */
export function NetworkEstimate({ network, id }: { network: NetworkId; id: string }) {
  const estimate = useEstimates((state) => state.estimates[network]);
  const epochs = useDraft((state) => state.shared.epochs);
  if (!estimate) return null;
  return (
    <Box pl={32} mt={2}>
      <Group gap={4} wrap="nowrap" align="flex-start">
        <Text id={id} size="xs" className="thorax-numbers">
          {estimateLine(estimate, epochs ?? 1)}
        </Text>
        <Tooltip label={<Origin estimate={estimate} />} multiline w={300} events={TOOLTIP_EVENTS}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={18}
            aria-label={`How this is estimated for ${NETWORKS[network].name}`}
          >
            <IconInfoCircle size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      {estimate.misfit && (
        <Text size="xs" c="var(--mantine-color-error)">
          {estimate.misfit}
        </Text>
      )}
    </Box>
  );
}

function Origin({ estimate }: { estimate: RunEstimate }) {
  return (
    <Stack gap="xs">
      {estimateOrigin(estimate).map((paragraph) => (
        <Text key={paragraph} size="xs">
          {paragraph}
        </Text>
      ))}
    </Stack>
  );
}
