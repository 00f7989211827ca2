/** @file The menu `Compute on`: the devices there are, what each is, and why one cannot be chosen. */

import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useId } from 'react';
import { DEVICE_NAMES, type DeviceChoice, type DeviceKind, type DeviceStatus } from '../domain/device';

interface DeviceMenuProps {
  status: DeviceStatus;
  /** While another device is being started. */
  isBusy: boolean;
  isTraining: boolean;
  onChoose: (kind: DeviceKind) => void;
}

export function DeviceMenu({ status, isBusy, isTraining, onChoose }: DeviceMenuProps) {
  const id = useId();
  return (
    <Menu position="bottom-end" width={280} withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Compute on" loading={isBusy}>
          <IconChevronDown size={14} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown aria-label="Compute on">
        <Menu.Label>Compute on</Menu.Label>
        {status.choices.map((choice) => {
          const isChosen = choice.kind === status.backend;
          const noteId = `${id}-${choice.kind}`;
          return (
            <Menu.Item
              key={choice.kind}
              aria-label={DEVICE_NAMES[choice.kind]}
              aria-describedby={noteId}
              aria-current={isChosen}
              disabled={choice.unavailable !== null || (isTraining && !isChosen)}
              rightSection={isChosen ? <IconCheck size={14} aria-hidden /> : undefined}
              onClick={() => onChoose(choice.kind)}
            >
              {DEVICE_NAMES[choice.kind]}
              <Text id={noteId} component="span" display="block" size="xs" c="dimmed">
                {noteOn(choice, status)}
              </Text>
            </Menu.Item>
          );
        })}
        {isTraining && <Menu.Label>A run is going. Another device can be chosen when it has ended.</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

function noteOn({ kind, detail, unavailable }: DeviceChoice, { backend, threads }: DeviceStatus): string {
  if (unavailable) return unavailable;
  const isChosenProcessor = kind === backend && threads !== null;
  return isChosenProcessor ? `WebAssembly, ${threads === 1 ? '1 thread' : `${threads} threads`}` : (detail ?? '');
}
