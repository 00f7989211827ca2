/** @file The status line `GPU`: what computes, and the menu by which a person chooses it. */

import { Group, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { DEVICE_NAMES, type DeviceKind, type DeviceStatus } from '../domain/device';
import { DeviceMenu } from './device-menu';

interface DeviceLineProps {
  /** Null while the device starts. */
  status: DeviceStatus | null;
  failure: string | null;
  /** The one that is being started. */
  choosing: DeviceKind | null;
  isTraining: boolean;
  onChoose: (kind: DeviceKind) => void;
}

export function DeviceLine({ status, failure, choosing, isTraining, onChoose }: DeviceLineProps) {
  const text = choosing ? `Starting: ${DEVICE_NAMES[choosing]}` : toText(status, failure);
  return (
    <Group gap={6} wrap="nowrap" role="status" aria-label="GPU" miw={0}>
      <IconCpu size={16} aria-hidden style={{ flex: 'none' }} />
      <Text size="xs" c="dimmed" lineClamp={3} title={text}>
        {text}
      </Text>
      {status && <DeviceMenu status={status} isBusy={choosing !== null} isTraining={isTraining} onChoose={onChoose} />}
    </Group>
  );
}

function toText(status: DeviceStatus | null, failure: string | null): string {
  if (!status) return failure ? 'No device' : 'Starting the device';
  const { backend, adapter, limit } = status;
  const what = backend === 'webgpu' ? `${adapter} · ${DEVICE_NAMES.webgpu}` : adapter;
  return limit ? `${what}: ${limit}` : what;
}
