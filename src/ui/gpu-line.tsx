/** @file The status line `GPU`: adapter and backend, and what a software adapter means. */

import { Group, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import type { GpuStatus } from '../domain/protocol';

interface GpuLineProps {
  /** Null while the backend starts. */
  status: GpuStatus | null;
  failure: string | null;
}

const BACKENDS: Record<GpuStatus['backend'], string> = { webgpu: 'WebGPU', webgl: 'WebGL', cpu: 'Processor only' };

export function GpuLine({ status, failure }: GpuLineProps) {
  const text = toText(status, failure);
  return (
    <Group gap={6} wrap="nowrap" role="status" aria-label="GPU" miw={0}>
      <IconCpu size={16} aria-hidden style={{ flex: 'none' }} />
      <Text size="xs" c="dimmed" lineClamp={3} title={text}>
        {text}
      </Text>
    </Group>
  );
}

function toText(status: GpuStatus | null, failure: string | null): string {
  if (!status) return failure ? 'No backend' : 'Starting the GPU';
  const parts = [status.adapter, BACKENDS[status.backend]];
  if (status.software) parts.push('software: training will be slow');
  return parts.join(' · ');
}
