/** @file The question before something is removed for good; a screen's button opens it. */

import { Button, Group, Modal, Stack, Text } from '@mantine/core';

interface ConfirmRemovalProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: string;
  /** On the button that does it. */
  verb: 'Delete' | 'Remove';
  onConfirm: () => void;
}

export function ConfirmRemoval({ opened, onClose, title, text, verb, onConfirm }: ConfirmRemovalProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        <Text size="sm" className="thorax-breakable">
          {text}
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Keep
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
