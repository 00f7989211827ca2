/**
 * @file The random transform of one training image, drawn as Keras' ImageDataGenerator draws it.
 *
 * Source: `get_random_transform` and `apply_affine_transform` in keras/src/legacy/preprocessing/image.py: rotation,
 * then shift, then zoom, about the image's centre; outside pixels take the nearest edge; the flip comes after.
 */

import type { RandomStream } from '../base/random';
import type { AugmentationSettings } from '../domain/recipe';

/** Row-major 2 x 3 matrix from an output position (row, column) to the input position it samples. */
export type Affine = [number, number, number, number, number, number];

export interface ImageTransform {
  affine: Affine;
  flip: boolean;
  /** Standard deviation of the Gaussian noise, grey levels of 0..255. */
  noiseDeviation: number;
  /** Names the noise: the same seed gives the same noise. */
  noiseSeed: number;
}

export const IDENTITY_TRANSFORM: ImageTransform = {
  affine: [1, 0, 0, 0, 1, 0],
  flip: false,
  noiseDeviation: 0,
  noiseSeed: 0,
};

export interface AffineParameters {
  rotationDegrees: number;
  /** Pixels. */
  rowShift: number;
  columnShift: number;
  rowZoom: number;
  columnZoom: number;
}

/** Draws one transform for a `size` x `size` image; always the same number of draws, whatever the settings. */
export function drawTransform(settings: AugmentationSettings, size: number, stream: RandomStream): ImageTransform {
  const symmetric = (range: number) => stream.between(-range, range);
  const parameters: AffineParameters = {
    rotationDegrees: symmetric(settings.rotationDegrees),
    rowShift: symmetric(settings.heightShift) * size,
    columnShift: symmetric(settings.widthShift) * size,
    rowZoom: stream.between(1 - settings.zoom, 1 + settings.zoom),
    columnZoom: stream.between(1 - settings.zoom, 1 + settings.zoom),
  };
  const flipDraw = stream.uniform();
  return {
    affine: centredAffine(parameters, size),
    flip: settings.horizontalFlip && flipDraw < 0.5,
    noiseDeviation: settings.noiseDeviation * stream.uniform(),
    noiseSeed: stream.bits() | 0,
  };
}

/**
 * Keras' matrix, its centre at size / 2 - 0.5, read as (row, column).
 *
 * Keras itself has read it as (x, y) since keras-preprocessing's pull request 318 (October 2020, after the notebook): its
 * theta, tx, ty, zx, zy are our -rotationDegrees, columnShift, rowShift, columnZoom, rowZoom. Under the notebook's
 * recipe, symmetric and the same for both axes, that is the same law; here `heightShift` moves rows, as its name says.
 */
export function centredAffine(parameters: AffineParameters, size: number): Affine {
  const { rotationDegrees, rowShift, columnShift, rowZoom, columnZoom } = parameters;
  const theta = (rotationDegrees * Math.PI) / 180;
  const cos = Math.cos(theta);
  const sin = Math.sin(theta);
  // rotation . shift . zoom
  const a = cos * rowZoom;
  const b = -sin * columnZoom;
  const d = sin * rowZoom;
  const e = cos * columnZoom;
  const rowOffset = cos * rowShift - sin * columnShift;
  const columnOffset = sin * rowShift + cos * columnShift;
  const centre = size / 2 - 0.5;
  return [a, b, rowOffset + centre - (a + b) * centre, d, e, columnOffset + centre - (d + e) * centre];
}
