/** @file Class probabilities as bars, with their numbers. */

import { Box, Group, Stack, Text } from '@mantine/core';
import classes from './probability-bars.module.css';

interface ProbabilityBarsProps {
  classNames: string[];
  /** In the order of the names. */
  probabilities: number[];
  colour: string;
}

export function ProbabilityBars({ classNames, probabilities, colour }: ProbabilityBarsProps) {
  const highest = probabilities.reduce((most, probability) => Math.max(most, probability), 0);
  return (
    <Stack gap={6}>
      {classNames.map((name, index) => (
        <div key={name}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" truncate fw={probabilities[index] === highest ? 600 : 400} title={name}>
              {name}
            </Text>
            <Text size="sm" ff="monospace" fw={probabilities[index] === highest ? 600 : 400}>
              {probabilities[index].toFixed(3)}
            </Text>
          </Group>
          <Box className={classes.track}>
            <Box className={classes.bar} style={{ width: `${probabilities[index] * 100}%`, background: colour }} />
          </Box>
        </div>
      ))}
    </Stack>
  );
}
