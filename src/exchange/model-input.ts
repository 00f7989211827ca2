/**
 * @file What stands in front of a model's first layer: the size of its input, and what that layer gets from the pixels.
 *
 * `Rescaling` and `Normalization` become the scaling of the run. A layer that would resize or cut the image is refused
 * unless it leaves the image as it is. Sources: keras/src/layers/preprocessing/rescaling.py and normalization.py.
 */

import { shortened } from '../base/shortened';
import { sizeOf } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import { type InputScaling, UNIT_PIXEL, UNIT_SCALING } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import { UNIT_RESCALING } from './keras-config';
import { type KerasLayer, type KerasWeight, readWhole } from './keras-file';
import type { ConfiguredLayer } from './keras-topology';
import { parseStatisticName } from './keras-weight-name';

/** Keras' `backend.epsilon()`. */
const LEAST_DEVIATION = 1e-7;
const CHANNELS = 3;
/** A scaling widens no range of pixels 0..255. One above this was made for pixels that are scaled before they come in. */
const MOST_SCALE = 1.001;

/**
 * Side of the square input that the layers in front state, pixels; null where they leave it open.
 * @throws {StudioError} `bad-weights` when the input is not a square RGB image, or is resized or cut.
 */
export function readInputSize(front: readonly ConfiguredLayer[], fileName: string): number | null {
  let size: number | null = null;
  for (const layer of front) {
    const { name, className, settings } = layer;
    const where = layerWords(name, className);
    if (className === 'InputLayer') {
      const sides = statedShape(settings);
      if (sides === null) continue;
      if (sides.length !== 3) throw refusal(fileName, `${where} takes ${shapeWords(sides)}, expected RGB images`);
      const [height, width, channels] = sides;
      if (channels !== null && channels !== CHANNELS) {
        const found =
          sides[0] === CHANNELS
            ? 'puts channels first'
            : `takes images of ${channels} channel${channels === 1 ? '' : 's'}`;
        throw refusal(fileName, `${where} ${found} (${shapeWords(sides)}), expected height x width x ${CHANNELS}, RGB`);
      }
      if (height !== width)
        throw refusal(fileName, `${where} takes images of ${shapeWords(sides)}, expected square ones`);
      size ??= height;
    } else if (['Resizing', 'CenterCrop', 'RandomCrop'].includes(className)) {
      if (size === null || settings.height !== size || settings.width !== size) {
        const found = `brings images to ${sideWords(settings.height)}x${sideWords(settings.width)} inside the model`;
        throw refusal(fileName, `${where} ${found}, expected a model that leaves their size as it is`);
      }
    }
  }
  return size;
}

/**
 * What the layers in front make of pixels 0..255.
 * @param weightsOf the file's layer for one in front that has weights
 * @throws {StudioError} `bad-weights` when a normalisation cannot be read or is not one number a channel.
 */
export async function readInputScaling(
  front: readonly ConfiguredLayer[],
  weightsOf: (layer: ConfiguredLayer) => KerasLayer | null,
  fileName: string,
): Promise<ModelReading['inputScaling']> {
  let scale = [1];
  let offset = [0];
  let isStated = false;
  for (const layer of front) {
    // Our own exports take pixels divided by 255.
    if (layer.name === UNIT_RESCALING) scale = scale.map((factor) => factor / UNIT_PIXEL);
    const step =
      layer.className === 'Rescaling'
        ? rescalingOf(layer, fileName)
        : layer.className === 'Normalization'
          ? await normalizationOf(layer, weightsOf(layer), fileName)
          : null;
    if (step === null) continue;
    isStated = true;
    const next = step;
    scale = perChannel((c) => at(scale, c) * at(next.scale, c), scale, next.scale);
    offset = perChannel((c) => at(offset, c) * at(next.scale, c) + at(next.offset, c), offset, next.scale, next.offset);
  }
  if (!isStated) return { kind: 'assumed', scaling: UNIT_SCALING };
  if (scale.some((factor) => Math.abs(factor) > MOST_SCALE)) throw rangeRefusal(front, { scale, offset }, fileName);
  return { kind: 'stated', scaling: { scale: asChannels(scale), offset: asChannels(offset) } };
}

/** The model was trained on pixels that were scaled outside of it; by what, the file does not state. */
function rangeRefusal(front: readonly ConfiguredLayer[], { scale, offset }: Affine, fileName: string): StudioError {
  const layers = front.filter(({ className }) => className === 'Rescaling' || className === 'Normalization');
  const names = layers.map(({ name, className }) => layerWords(name, className)).join(' and ');
  const ends = [0, 255].map((pixel) => Number((pixel * at(scale, 0) + at(offset, 0)).toPrecision(4)));
  const found = `${names} would make ${ends.join(' to ')} of pixels 0 to 255, expected a scaling made for pixels 0 to 255`;
  const advice =
    'If pixels were divided by 255 before the model, put Rescaling(1/255) in front of it and save it again';
  return refusal(fileName, `${found}. ${advice}`);
}

interface Affine {
  scale: number[];
  offset: number[];
}

function rescalingOf({ name, settings }: ConfiguredLayer, fileName: string): Affine {
  const [scale, offset] = [numbersIn(settings.scale ?? 1), numbersIn(settings.offset ?? 0)];
  if (isChannelwise(scale) && isChannelwise(offset)) return { scale, offset };
  throw refusal(fileName, `${layerWords(name, 'Rescaling')} has a scale that is not one number or one a channel`);
}

async function normalizationOf(
  { name, settings }: ConfiguredLayer,
  layer: KerasLayer | null,
  fileName: string,
): Promise<Affine> {
  const mean = await statistic('mean', settings.mean, layer);
  const variance = await statistic('variance', settings.variance, layer);
  if (!mean || !variance || !isChannelwise(mean) || !isChannelwise(variance)) {
    throw refusal(
      fileName,
      `${layerWords(name, 'Normalization')} has no mean and variance for each channel, expected both`,
    );
  }
  const deviation = variance.map((value) => Math.max(Math.sqrt(value), LEAST_DEVIATION));
  if (settings.invert === true) return { scale: deviation, offset: mean };
  const scale = deviation.map((value) => 1 / value);
  return { scale, offset: perChannel((c) => -at(mean, c) * at(scale, c), mean, scale) };
}

async function statistic(which: 'mean' | 'variance', stated: unknown, layer: KerasLayer | null) {
  if (stated !== undefined && stated !== null) return numbersIn(stated);
  const weight: KerasWeight | undefined = layer?.weights.find(({ name }) => parseStatisticName(name) === which);
  // Its shape is the file's, and may be of any size.
  return weight && sizeOf(weight.shape) <= CHANNELS ? [...(await readWhole(weight))] : null;
}

/** Height, width and channels of an input, null where left open; null when nothing is stated. */
function statedShape(settings: Readonly<Record<string, unknown>>): (number | null)[] | null {
  const shape = settings.batch_shape ?? settings.batch_input_shape;
  if (!Array.isArray(shape)) return null;
  return shape.slice(1).map((side) => (Number.isInteger(side) ? side : null));
}

/** What a resizing layer has for a side; anything may stand there. */
function sideWords(side: unknown): string {
  return typeof side === 'number' ? String(side) : 'an unknown size';
}

function shapeWords(sides: readonly (number | null)[]): string {
  return sides.length === 0 ? 'single numbers' : sides.map((side) => side ?? 'any').join('x');
}

/** Deeper than a number a channel of a batch of images lies. */
const MOST_DEPTH = 5;

/** All numbers of a value that is one or a nested list of them; NaN for anything else. */
function numbersIn(value: unknown): number[] {
  const numbers = Array.isArray(value) ? value.flat(MOST_DEPTH) : [value];
  return numbers.map((number: unknown) => (typeof number === 'number' ? number : Number.NaN));
}

function isChannelwise(values: readonly number[]): boolean {
  return (values.length === 1 || values.length === CHANNELS) && values.every(Number.isFinite);
}

function at(values: readonly number[], channel: number): number {
  return values[values.length === 1 ? 0 : channel];
}

/** One value where all of these are one for all channels, else one a channel. */
function perChannel(value: (channel: number) => number, ...of: readonly number[][]): number[] {
  const length = of.every((values) => values.length === 1) ? 1 : CHANNELS;
  return Array.from({ length }, (_, channel) => value(channel));
}

function asChannels(values: number[]): InputScaling['scale'] {
  return values.length === 1 ? [values[0]] : [values[0], values[1], values[2]];
}

function layerWords(name: string, className: string): string {
  return `${shortened(name)} (${className})`;
}

function refusal(fileName: string, what: string): StudioError {
  return new StudioError('bad-weights', `${fileName} cannot be used as it is: ${what}.`);
}
