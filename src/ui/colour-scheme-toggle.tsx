/** @file Light, dark, or as the system says: one button that cycles through them. */

import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun, IconSunMoon } from '@tabler/icons-react';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const ICONS = { auto: <IconSunMoon size={18} />, light: <IconSun size={18} />, dark: <IconMoon size={18} /> };
const NAMES = { auto: 'as the system', light: 'light', dark: 'dark' };

export function ColourSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = `Colours: ${NAMES[colorScheme]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size="lg" aria-label={label} onClick={() => setColorScheme(NEXT[colorScheme])}>
        {ICONS[colorScheme]}
      </ActionIcon>
    </Tooltip>
  );
}
