/** @file The scale of the heatmaps: jet from 0 to 1. */

import { Group, Text } from '@mantine/core';
import { jetGradient } from './jet';

const GRADIENT = jetGradient();

export function ColourBar() {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="xs">0</Text>
      <div
        role="img"
        aria-label="Colour bar: blue is 0, green is 0.5, red is 1"
        style={{ flex: 1, minWidth: 60, height: 10, borderRadius: 2, backgroundImage: GRADIENT }}
      />
      <Text size="xs">1</Text>
    </Group>
  );
}
