/**
 * @file What a network's first layer gets from the pixels of an image.
 *
 * The notebook divides pixels by 255. A model that another program trained may hold its own `Rescaling` or
 * `Normalization` layer; such layers become the scaling of its run.
 */

import * as v from 'valibot';

const ChannelsSchema = v.union([v.tuple([v.number()]), v.tuple([v.number(), v.number(), v.number()])]);

export const InputScalingSchema = v.object({
  /** Factor on pixel values 0..255: one for all channels, or one each for red, green and blue. */
  scale: ChannelsSchema,
  /** Added after the factor: one for all channels, or one each. */
  offset: ChannelsSchema,
});

/** `pixel * scale + offset`, with pixels 0..255. */
export type InputScaling = v.InferOutput<typeof InputScalingSchema>;

/** The brightest pixel: what pixels are divided by to be 0..1. */
export const UNIT_PIXEL = 255;

/** Pixels divided by 255, as the notebook does it. */
export const UNIT_SCALING: InputScaling = { scale: [1 / UNIT_PIXEL], offset: [0] };

/** True for pixels divided by 255, whether for all channels at once or one each; to float32's precision. */
export function isUnitScaling({ scale, offset }: InputScaling): boolean {
  return scale.every((factor) => Math.abs(factor * UNIT_PIXEL - 1) < 1e-6) && offset.every((shift) => shift === 0);
}
