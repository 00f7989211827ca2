/** @file Keras' numbers, measured by e2e/reference/bench_keras.py, taken into a report beside ours. */

import * as v from 'valibot';
import { StudioError } from '../domain/failure';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import type { KerasHeader, NetworkReport } from './report';

const NetworkSchema = v.object({
  inputSize: v.number(),
  batch: v.number(),
  /** Load of the machine before and after; null where the system does not say. */
  load: v.array(v.nullable(v.number())),
  sides: v.object({
    keras: v.object({
      ms: v.number(),
      spreadMs: v.object({ median: v.number(), least: v.number(), most: v.number() }),
      peakBytes: v.number(),
    }),
  }),
});

const KerasSchema = v.object({
  device: v.literal('keras'),
  adapter: v.string(),
  processor: v.string(),
  threads: v.number(),
  date: v.string(),
  networks: v.partial(v.object(v.entriesFromList(NETWORK_IDS, NetworkSchema))),
});

export type KerasNumbers = v.InferOutput<typeof KerasSchema>;

/** @throws {StudioError} bad-input when it is not what bench_keras.py writes. */
export function parseKerasNumbers(value: unknown): KerasNumbers {
  const parsed = v.safeParse(KerasSchema, value);
  if (parsed.success) return parsed.output;
  const where = v.getDotPath(parsed.issues[0]);
  throw new StudioError(
    'bad-input',
    `That file is not what e2e/reference/bench_keras.py writes${where ? ` (at ${where})` : ''}.`,
  );
}

/** The report with Keras' side, or why it cannot stand there. */
export function withKeras(report: NetworkReport, network: NetworkId, { networks }: KerasNumbers): NetworkReport {
  const measured = networks[network];
  const { ours } = report.sides;
  if (!measured) return { ...report, failures: { ...report.failures, keras: 'Not in the file.' } };
  const { inputSize, batch, sides } = measured;
  if (inputSize !== report.inputSize || batch !== report.batch) {
    const sentence = `Measured with ${inputSize} px and batch ${batch}, which is another step.`;
    return { ...report, failures: { ...report.failures, keras: sentence } };
  }
  return {
    ...report,
    sides: { ...report.sides, keras: sides.keras },
    ratios: ours ? { ...report.ratios, keras: sides.keras.ms / ours.ms } : report.ratios,
  };
}

/** Where the numbers come from. */
export function headerOf({ adapter, processor, threads, date }: KerasNumbers): KerasHeader {
  return { adapter, processor, threads, date };
}

/** The same, in lines for a person. */
export function kerasLines({ adapter, processor, threads, date, networks }: KerasNumbers): string[] {
  const loads = NETWORK_IDS.flatMap((id) => {
    const load = networks[id]?.load.map((value) => value ?? 'unknown');
    return load ? [`${NETWORKS[id].name} ${load.join(' to ')}`] : [];
  });
  return [`Keras: ${adapter}, ${processor}, threads: ${threads}, ${date}`, `  load meanwhile: ${loads.join(', ')}`];
}
