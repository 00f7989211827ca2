/** @file One or more sentences that a person must see, as an alert. */

import { Alert, Box, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface SentenceAlertProps {
  title: string;
  sentences: string[];
  tone: 'problem' | 'notice';
  onClose?: () => void;
  /** What the person can do about it. */
  children?: ReactNode;
}

export function SentenceAlert({ title, sentences, tone, onClose, children }: SentenceAlertProps) {
  return (
    <Alert
      title={title}
      color={tone === 'problem' ? 'red' : 'blue'}
      icon={tone === 'problem' ? <IconAlertTriangle /> : <IconInfoCircle />}
      withCloseButton={onClose !== undefined}
      closeButtonLabel="Dismiss"
      onClose={onClose}
    >
      <Stack gap={4}>
        {sentences.map((sentence) => (
          <Text key={sentence} size="sm" className="thorax-breakable">
            {sentence}
          </Text>
        ))}
        {children && <Box mt={4}>{children}</Box>}
      </Stack>
    </Alert>
  );
}
