/**
 * @file Curves over epochs in a named region.
 *
 * Redrawn only when its curves change; no animation, so that a redraw is one short task.
 */

import { Box, Text, Title } from '@mantine/core';
import { memo, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import classes from './curve-chart.module.css';
import type { Curve } from './run-curves';

interface CurveChartProps {
  /** Name of the region and its heading. */
  title: string;
  curves: Curve[];
  /** Fixed range of the y axis; otherwise from zero to what the curves need. */
  range?: [number, number];
  /** Said where the curves would be. */
  empty: string;
  /** Names of the runs, for the values under the pointer. */
  nameOf: (runId: string) => string;
}

const TICK = { fill: 'var(--mantine-color-dimmed)', fontSize: 12 };

export const CurveChart = memo(function CurveChart({ title, curves, range, empty, nameOf }: CurveChartProps) {
  const { rows, lastEpoch } = useMemo(() => toRows(curves), [curves]);
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      <Box h={220} className={classes.frame}>
        {rows.length === 0 ? (
          <Text c="dimmed" size="sm" className={classes.empty}>
            {empty}
          </Text>
        ) : (
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 320, height: 220 }} debounce={100}>
            <LineChart data={rows} margin={{ top: 8, right: 12, bottom: 4, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid stroke="var(--thorax-grid)" vertical={false} />
              <XAxis
                dataKey="epoch"
                type="number"
                domain={[1, Math.max(2, lastEpoch)]}
                allowDecimals={false}
                tickCount={Math.min(8, Math.max(2, lastEpoch))}
                tick={TICK}
                stroke="var(--thorax-axis)"
              />
              <YAxis
                domain={range ?? [0, 'auto']}
                allowDataOverflow={range !== undefined}
                width={44}
                tickFormatter={formatTick}
                tick={TICK}
                stroke="var(--thorax-axis)"
              />
              <Tooltip
                isAnimationActive={false}
                labelFormatter={(epoch) => `Epoch ${epoch}`}
                formatter={(value) => (typeof value === 'number' ? value.toFixed(4) : value)}
                contentStyle={{
                  background: 'var(--mantine-color-body)',
                  border: '1px solid var(--mantine-color-default-border)',
                  borderRadius: 6,
                  fontSize: 12,
                }}
              />
              {curves.map((curve) => (
                <Line
                  key={curve.id}
                  dataKey={curve.id}
                  name={`${nameOf(curve.runId)}, ${curve.dashed ? 'validation' : 'training'}`}
                  stroke={curve.colour}
                  strokeOpacity={curve.faint ? 0.4 : 1}
                  strokeWidth={2}
                  strokeDasharray={curve.dashed ? '5 4' : undefined}
                  dot={curve.points.length === 1 ? { r: 3, strokeDasharray: '0' } : false}
                  type="linear"
                  connectNulls
                  isAnimationActive={false}
                />
              ))}
            </LineChart>
          </ResponsiveContainer>
        )}
      </Box>
    </section>
  );
});

/** One row an epoch, one field a curve, as the chart library wants it. */
function toRows(curves: Curve[]) {
  const byEpoch = new Map<number, Record<string, number>>();
  for (const { id, points } of curves) {
    for (const { epoch, value } of points) {
      const row = byEpoch.get(epoch) ?? { epoch };
      row[id] = value;
      byEpoch.set(epoch, row);
    }
  }
  const rows = [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
  return { rows, lastEpoch: rows.at(-1)?.epoch ?? 0 };
}

function formatTick(value: number): string {
  return String(Number(value.toPrecision(3)));
}
