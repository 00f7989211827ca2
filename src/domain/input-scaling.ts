/**
 * @file How pixel values 0..255 become the input of a network's first layer.
 *
 * The notebook divides pixels by 255. A model that another program trained may hold its own `Rescaling` or
 * `Normalization` layer; such layers become the scaling of its run.
 */

import * as v from 'valibot';

const ChannelsSchema = v.union([v.tuple([v.number()]), v.tuple([v.number(), v.number(), v.number()])]);

export const InputScalingSchema = v.object({
  /** Factor on pixel values 0..255: one for all channels, or three for red, green and blue. */
  scale: ChannelsSchema,
  /** Added after the factor: one for all channels, or three. */
  offset: ChannelsSchema,
});

/** `pixel * scale + offset`, with pixels 0..255. */
export type InputScaling = v.InferOutput<typeof InputScalingSchema>;

/** The brightest pixel: what pixels are divided by to be 0..1. */
export const UNIT_PIXEL = 255;

/** Pixels divided by 255, as the notebook does it. */
export const UNIT_SCALING: InputScaling = { scale: [1 / UNIT_PIXEL], offset: [0] };

/** True for pixels divided by 255, stated once or per channel; compared to float32's precision. */
export function isUnitScaling({ scale, offset }: InputScaling): boolean {
  return scale.every((factor) => Math.abs(factor * UNIT_PIXEL - 1) < 1e-6) && offset.every((shift) => shift === 0);
}

/** Pixels brought to -1..1, as Keras' InceptionV3 wants them. */
export const SYMMETRIC_SCALING: InputScaling = { scale: [1 / 127.5], offset: [-1] };

/** Pixels as they are, 0..255. */
export const RAW_SCALING: InputScaling = { scale: [1], offset: [0] };

/** The scaling in words: `pixels ÷ 255`, `pixels × 0.00784314 − 1`; one value per channel where they differ. */
export function describeScaling(scaling: InputScaling): string {
  if (isUnitScaling(scaling)) return 'pixels ÷ 255';
  const words = (values: readonly number[]) => values.map((value) => String(Number(value.toPrecision(6)))).join(', ');
  const { scale, offset } = scaling;
  const scaled = scale.every((factor) => factor === 1) ? 'pixels 0 to 255' : `pixels × ${bracketed(words(scale))}`;
  if (offset.every((term) => term === 0)) return scaled;
  const [only] = offset;
  return offset.length === 1
    ? `${scaled} ${only < 0 ? '−' : '+'} ${words([Math.abs(only)])}`
    : `${scaled} + (${words(offset)})`;
}

function bracketed(words: string): string {
  return words.includes(',') ? `(${words})` : words;
}
