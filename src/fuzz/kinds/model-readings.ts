/** @file Whether what was read from a model's file is sound. */

import * as v from 'valibot';
import { InputScalingSchema } from '../../domain/input-scaling';
import type { ModelReading } from '../../domain/model-reading';
import { NETWORK_IDS } from '../../domain/network';

const size = v.pipe(v.number(), v.integer(), v.minValue(3), v.maxValue(1024));

const finite = v.pipe(
  InputScalingSchema,
  v.check(({ scale, offset }) => [...scale, ...offset].every(Number.isFinite)),
);

const ModelReadingSchema = v.strictObject({
  network: v.picklist(NETWORK_IDS),
  classCount: v.pipe(v.number(), v.safeInteger(), v.minValue(2)),
  configuration: v.picklist(['stated', 'absent']),
  inputSize: v.variant('kind', [
    v.object({ kind: v.literal('stated'), size }),
    v.object({ kind: v.literal('asked'), min: size, max: size }),
  ]),
  inputScaling: v.object({ kind: v.picklist(['stated', 'assumed']), scaling: finite }),
});

/** @throws {v.ValiError} when a field is not what its type says, or out of bounds. */
export function checkReading(reading: ModelReading): void {
  v.assert(ModelReadingSchema, reading);
}
