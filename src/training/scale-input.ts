/** @file From pixels divided by 255 to the input that a run's network takes. */

import * as tf from '@tensorflow/tfjs';
import { type InputScaling, isUnitScaling, UNIT_SCALING } from '../domain/input-scaling';

/**
 * The input in the scaling of a run.
 * @param unit `[B, H, W, 3]`, pixels divided by 255; freed, or returned where that is the run's scaling.
 */
export function scaleInput(unit: tf.Tensor4D, scaling: InputScaling = UNIT_SCALING): tf.Tensor4D {
  if (isUnitScaling(scaling)) return unit;
  const { scale, offset } = scaling;
  const scaled = tf.tidy(() => unit.mul<tf.Tensor4D>(scale.map((factor) => factor * 255)).add<tf.Tensor4D>(offset));
  unit.dispose();
  return scaled;
}
