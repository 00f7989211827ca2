/** @file What a screen shows while it has nothing to show: why, and the one thing to do about it. */

import { Button, EmptyState, Paper } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyNoteProps {
  icon: ReactNode;
  title: string;
  text: string;
  action?: { label: string; run: () => void };
}

export function EmptyNote({ icon, title, text, action }: EmptyNoteProps) {
  return (
    <Paper withBorder px="md" py={48}>
      <EmptyState icon={icon} title={title} description={text} variant="light">
        {action && (
          <EmptyState.Actions>
            <Button onClick={action.run}>{action.label}</Button>
          </EmptyState.Actions>
        )}
      </EmptyState>
    </Paper>
  );
}
