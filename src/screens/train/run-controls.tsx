/** @file Train, Pause, Resume, Stop. */

import { Button, Group } from '@mantine/core';
import { IconBolt, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useLiveRecord, useTraining } from '../../state/studio-context';

export function RunControls() {
  const active = useTraining((state) => state.active);
  const paused = useTraining((state) => state.live?.paused ?? false);
  const going = useLiveRecord()?.status === 'running';
  const stopping = useTraining((state) => state.stopping);
  const start = useTraining((state) => state.start);
  const pause = useTraining((state) => state.pause);
  const resume = useTraining((state) => state.resume);
  const stop = useTraining((state) => state.stop);

  return (
    <Group gap="sm">
      {/* Stays enabled while a training runs: a click then adds to the queue. */}
      <Button variant={active ? 'default' : 'filled'} leftSection={<IconBolt size={18} />} onClick={() => void start()}>
        Train
      </Button>
      <Button
        variant="default"
        leftSection={<IconPlayerPause size={18} />}
        disabled={!active || !going || paused || stopping}
        onClick={() => void pause()}
      >
        Pause
      </Button>
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={18} />}
        disabled={!active || !paused || stopping}
        onClick={() => void resume()}
      >
        Resume
      </Button>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={18} />}
        disabled={!active || stopping}
        onClick={() => void stop()}
      >
        Stop
      </Button>
    </Group>
  );
}
