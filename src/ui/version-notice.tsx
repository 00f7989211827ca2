/** @file Offers a new version of the studio; nothing happens until a person takes it. */

import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';

interface VersionNoticeProps {
  /** `taken`: another tab has it already. */
  update: 'waiting' | 'taken';
  refusal: string | null;
  /** A network is being trained in this tab. */
  isTraining: boolean;
  onTake: () => void;
}

export function VersionNotice({ update, refusal, isTraining, onTake }: VersionNoticeProps) {
  return (
    <Alert title={TITLES[update]} color="blue" icon={<IconInfoCircle />}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{isTraining ? TRAINING : SENTENCES[update]}</Text>
        {refusal && <Text size="sm">{refusal}</Text>}
        <Group>
          <Button size="compact-sm" disabled={isTraining} onClick={onTake}>
            Use the new version
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const TITLES = {
  waiting: 'A new version is ready',
  taken: 'Another tab uses a new version',
};

const SENTENCES = {
  waiting:
    'It is used after this page has been reloaded. Runs and weights are kept; the dataset has to be opened again.',
  taken: 'This page goes on with the old one. Reload it to use the new one; the dataset has to be opened again.',
};

const TRAINING = 'It can be used when the training has ended.';
