/** @file The progress of the run: a bar over the whole run, and the current figures. */

import { Group, Progress, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import { NETWORKS } from '../../domain/network';
import type { RunPhase } from '../../domain/protocol';
import type { RunRecord } from '../../domain/run';
import { type LiveRun, runFraction } from '../../state/live-run';
import { useDevice, useLiveRecord, useTraining } from '../../state/studio-context';
import { formatDuration, formatGflops, formatMeasure, formatMegabytes } from '../../ui/format';
import { stoppedEarlyWords } from '../../ui/run-words';
import classes from './live-progress.module.css';

const PHASES: Record<RunPhase, string> = {
  preparing: 'Preparing',
  training: 'Training',
  validating: 'Validating',
  saving: 'Saving',
  testing: 'Testing',
};

export function LiveProgress() {
  const live = useTraining((state) => state.live);
  const active = useTraining((state) => state.active);
  const waiting = useTraining((state) => state.waitingForCheck);
  const stopping = useTraining((state) => state.stopping);
  const record = useLiveRecord();
  const isGpu = useDevice((state) => state.status?.backend !== 'processor');
  const recipe = live?.item.recipe;
  const percent = live ? Math.round(runFraction(live, record) * 1000) / 10 : 0;

  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500} aria-live="polite">
          {headline({ live, record, active, waiting, stopping })}
        </Text>
        <Text size="sm" c="dimmed" className="thorax-numbers">
          {stopping ? '' : timeLeft(live)}
        </Text>
      </Group>
      <Progress value={percent} size="lg" aria-label="Training progress" />
      {live && recipe && (
        <div className={classes.figures}>
          <Figure label="Epoch" value={`${live.batch?.epoch ?? record?.epochs.length ?? 0} of ${recipe.epochs}`} />
          <Figure label="Batch" value={live.batch ? `${live.batch.batch} of ${live.batch.batchCount}` : '-'} />
          <Figure label="Loss" value={formatMeasure(live.batch?.loss ?? null)} />
          <Figure label="Accuracy" value={formatMeasure(live.batch?.accuracy ?? null)} />
          <Figure label="Images/s" value={live.batch ? live.batch.imagesPerSecond.toFixed(1) : '-'} />
          <Figure label="GFLOP/s" value={orDash(live.batch?.gflops, formatGflops)} />
          <Figure label={isGpu ? 'GPU memory' : 'Memory'} value={orDash(live.batch?.memory?.bytes, formatMegabytes)} />
          <Figure label="Peak memory" value={orDash(live.batch?.memory?.peakBytes, formatMegabytes)} />
        </div>
      )}
    </Stack>
  );
}

/** Bare elements: these change four times a second. */
const Figure = memo(function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      <div className={classes.value}>{value}</div>
    </div>
  );
});

function orDash(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '-' : format(value);
}

interface Moment {
  live: LiveRun | null;
  record: RunRecord | null;
  active: boolean;
  waiting: boolean;
  stopping: boolean;
}

function headline({ live, record, active, waiting, stopping }: Moment): string {
  if (waiting && (!live || live.over)) return 'Waiting until the images are checked';
  if (!live) return active ? 'Preparing' : 'Nothing is training.';
  const { name } = NETWORKS[live.item.recipe.network];
  const preparing = live.phase === 'preparing';
  const detail = live.detail ? `, ${live.detail}` : '';
  // Compiling goes on in a pause.
  if (live.paused) return `${name}: paused${preparing ? ` before the first batch${detail}` : ''}`;
  if (live.over) {
    const early = record && stoppedEarlyWords(record);
    return `${name}: ${record?.status ?? 'could not be started'}${early ? `, ${early}` : ''}`;
  }
  if (stopping) return `${name}: stopping${preparing ? '' : ', the batch that is under way is finished first'}`;
  return `${name}: ${PHASES[live.phase]}${detail}`;
}

function timeLeft(live: LiveRun | null): string {
  const timeLeftMs = live?.batch?.timeLeftMs ?? null;
  return live?.over || timeLeftMs === null ? '' : `about ${formatDuration(timeLeftMs)} left`;
}
