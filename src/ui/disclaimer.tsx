/** @file The line that every screen with a prediction carries. */

import { Text } from '@mantine/core';

export function Disclaimer() {
  return (
    <Text size="xs" c="dimmed">
      Educational and research use only. Not for diagnosis.
    </Text>
  );
}
