/**
 * @file A switch with a line of explanation that is not part of its name: Mantine puts a switch's own description into
 * the label, where it would be read out, and searched, as its name.
 */

import { Stack, Switch, Text } from '@mantine/core';
import { useId } from 'react';

interface DescribedSwitchProps {
  label: string;
  description: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function DescribedSwitch({ label, description, checked, onChange }: DescribedSwitchProps) {
  const descriptionId = useId();
  return (
    <Stack gap={2}>
      <Switch
        label={label}
        checked={checked}
        aria-describedby={descriptionId}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <Text id={descriptionId} size="xs" c="dimmed">
        {description}
      </Text>
    </Stack>
  );
}
