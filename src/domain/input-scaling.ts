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

/** Pixels divided by 255, as the notebook does it. */
export const UNIT_SCALING: InputScaling = { scale: [1 / 255], offset: [0] };
