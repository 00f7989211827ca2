/** @file Accuracy and loss of some runs side by side, with one legend for both. */

import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { memo, useMemo } from 'react';
import type { RunRecord } from '../domain/run';
import { epochAxisEnd, niceTop } from './axis-range';
import { CurveChart } from './curve-chart';
import { curvesOf, nameCurves } from './run-curves';
import { useOwnTask } from './use-own-task';

interface CurvePairProps {
  /** Newest first. */
  records: RunRecord[];
}

const EMPTY = 'Curves appear when the first epoch is over.';

export const CurvePair = memo(function CurvePair({ records }: CurvePairProps) {
  const names = useMemo(() => nameCurves(records), [records]);
  const recordsOfAccuracy = useOwnTask(records, 20);
  const recordsOfLoss = useOwnTask(records, 90);
  const accuracy = useMemo(() => curvesOf(recordsOfAccuracy, 'accuracy'), [recordsOfAccuracy]);
  const loss = useMemo(() => curvesOf(recordsOfLoss, 'loss'), [recordsOfLoss]);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <CurveChart
          title="Accuracy curves"
          curves={accuracy}
          lastEpoch={epochAxisEnd(recordsOfAccuracy)}
          top={1}
          empty={EMPTY}
        />
        <CurveChart
          title="Loss curves"
          curves={loss}
          lastEpoch={epochAxisEnd(recordsOfLoss)}
          top={niceTop(loss)}
          empty={EMPTY}
        />
      </SimpleGrid>
      {names.length > 0 && (
        <Group style={{ gap: '4px 16px' }}>
          {names.map(({ runId, name, colour, faint, divergedIn }) => (
            <Group key={runId} gap={6} wrap="nowrap">
              <Swatch colour={colour} faint={faint} />
              <Text size="xs">
                {name}
                {divergedIn !== null && `: diverged in epoch ${divergedIn}`}
              </Text>
            </Group>
          ))}
          <Text size="xs" c="dimmed">
            Solid: training. Dashed: validation.
          </Text>
        </Group>
      )}
    </Stack>
  );
});

function Swatch({ colour, faint }: { colour: string; faint: boolean }) {
  return (
    <svg width="18" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="18" y2="4" stroke={colour} strokeWidth="3" strokeOpacity={faint ? 0.4 : 1} />
    </svg>
  );
}
