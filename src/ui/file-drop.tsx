/** @file A region that files are dropped on, with a button that opens the file picker instead. */

import { Button, FileButton, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { DropRegion } from './drop-region';

interface FileDropProps {
  /** Accessible name of the region. */
  label: string;
  text: string;
  hint?: string;
  button: string;
  /** Endings the picker offers, separated by commas. */
  accept: string;
  /** What is being done with a file; null when nothing is. */
  busy: string | null;
  onFiles: (files: File[]) => void;
}

export function FileDrop({ label, text, hint, button, accept, busy, onFiles }: FileDropProps) {
  return (
    <DropRegion label={label} onDrop={(transfer) => onFiles([...transfer.files])}>
      <Stack gap="xs" align="center">
        <Text size="sm" ta="center">
          {text}
        </Text>
        {hint && (
          <Text size="xs" c="dimmed" ta="center">
            {hint}
          </Text>
        )}
        <FileButton accept={accept} multiple onChange={onFiles}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              size="xs"
              leftSection={<IconFileUpload size={16} />}
              loading={busy !== null}
            >
              {button}
            </Button>
          )}
        </FileButton>
        {busy && (
          <Text size="xs" c="dimmed" className="thorax-breakable">
            {busy}
          </Text>
        )}
      </Stack>
    </DropRegion>
  );
}
