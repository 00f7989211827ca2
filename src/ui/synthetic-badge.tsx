/** @file Says that a dataset is drawn, not photographed; shown wherever the sample dataset shows. */

import { Badge } from '@mantine/core';

export function SyntheticBadge() {
  return (
    <Badge color="orange" variant="light" tt="none" fw={500} style={{ flex: 'none' }}>
      Synthetic
    </Badge>
  );
}
