/**
 * @file Curves over epochs in a named region.
 *
 * The chart library draws axes, grid and pointer, which seldom change; the lines are drawn here, as paths on its scales.
 * With the library's own lines an epoch's update took about 60 ms for a pair of charts on a busy two-core machine, a
 * path takes less than one.
 */

import { Box, Text, Title } from '@mantine/core';
import { createContext, memo, use, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import {
  CartesianGrid,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  useActiveTooltipCoordinate,
  useActiveTooltipLabel,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
  XAxis,
  YAxis,
} from 'recharts';
import classes from './curve-chart.module.css';
import { formatTick } from './format';
import type { Curve } from './run-curves';

interface CurveChartProps {
  /** Name of the region and its heading. */
  title: string;
  curves: Curve[];
  /** The last epoch on the x axis, 2 or more. */
  lastEpoch: number;
  /** The upper end of the y axis, which starts at 0. */
  top: number;
  /** Text shown while there is no curve. */
  empty: string;
}

interface Drawing {
  curves: Curve[];
  /** Where the values under the pointer are written; HTML, so outside the chart's SVG. */
  overlay: HTMLElement | null;
}

const DrawingContext = createContext<Drawing>({ curves: [], overlay: null });
const TICK = { fill: 'var(--mantine-color-dimmed)', fontSize: 12 };
const MARGIN = { top: 8, right: 12, bottom: 4, left: 0 };

export function CurveChart({ title, curves, lastEpoch, top, empty }: CurveChartProps) {
  const [overlay, setOverlay] = useState<HTMLElement | null>(null);
  const drawing = useMemo(() => ({ curves, overlay }), [curves, overlay]);
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      <Box h={220} className={classes.frame}>
        {curves.length === 0 && (
          <div className={classes.empty}>
            <Text c="dimmed" size="sm">
              {empty}
            </Text>
          </div>
        )}
        <DrawingContext value={drawing}>
          <Frame lastEpoch={lastEpoch} top={top} />
        </DrawingContext>
        <div ref={setOverlay} className={classes.overlay} />
      </Box>
    </section>
  );
}

/** Mounted from the start: mounting takes many times the work of an update and would slow the training. */
const Frame = memo(function Frame({ lastEpoch, top }: Pick<CurveChartProps, 'lastEpoch' | 'top'>) {
  const rows = useMemo(() => Array.from({ length: lastEpoch }, (_, i) => ({ epoch: i + 1 })), [lastEpoch]);
  return (
    <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 320, height: 220 }} debounce={100}>
      <LineChart data={rows} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--thorax-grid)" vertical={false} />
        <XAxis
          dataKey="epoch"
          type="number"
          domain={[1, lastEpoch]}
          allowDataOverflow
          allowDecimals={false}
          tickCount={Math.min(8, lastEpoch)}
          tick={TICK}
          stroke="var(--thorax-axis)"
        />
        <YAxis
          type="number"
          domain={[0, top]}
          // Without lines of its own the chart takes a domain as it is given only under this name.
          allowDataOverflow
          width={44}
          tickFormatter={formatTick}
          tick={TICK}
          stroke="var(--thorax-axis)"
        />
        <Paths />
        <Tooltip isAnimationActive={false} content={() => null} />
        <Values />
      </LineChart>
    </ResponsiveContainer>
  );
});

function Paths() {
  const { curves } = use(DrawingContext);
  const x = useXAxisScale();
  const y = useYAxisScale();
  if (!x || !y) return null;
  return curves.map(({ id, colour, dashed, faint, lines }) => {
    const look = { stroke: colour, strokeOpacity: faint ? 0.4 : 1, strokeWidth: 2, fill: 'none' };
    return lines.map((points) => {
      const key = `${id} ${points[0].epoch}`;
      if (points.length === 1)
        return <circle key={key} cx={x(points[0].epoch)} cy={y(points[0].value)} r={3} {...look} />;
      return (
        <polyline
          key={key}
          points={points.map(({ epoch, value }) => `${x(epoch)},${y(value)}`).join(' ')}
          strokeDasharray={dashed ? '5 4' : undefined}
          strokeLinejoin="round"
          {...look}
        />
      );
    });
  });
}

/** What the curves are at the epoch under the pointer. */
function Values() {
  const { curves, overlay } = use(DrawingContext);
  const epoch = useActiveTooltipLabel();
  const pointer = useActiveTooltipCoordinate();
  const plot = usePlotArea();
  if (epoch === undefined || !overlay || !pointer || !plot) return null;
  const values = curves.flatMap((curve) => {
    const point = curve.points.find((candidate) => candidate.epoch === Number(epoch));
    return point ? [{ curve, value: point.value }] : [];
  });
  if (values.length === 0) return null;
  const onTheRight = pointer.x > plot.x + plot.width / 2;
  return createPortal(
    <div className={classes.values} data-side={onTheRight ? 'left' : 'right'}>
      <div>Epoch {epoch}</div>
      {values.map(({ curve, value }) => (
        <div key={curve.id} style={{ color: curve.colour }}>
          {curve.name}, {curve.dashed ? 'validation' : 'training'}: {value.toFixed(4)}
        </div>
      ))}
    </div>,
    overlay,
  );
}
