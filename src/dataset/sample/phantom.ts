/**
 * @file Draws one synthetic chest film: body, lungs, heart, diaphragm, bones, vessels, illness, film grain.
 *
 * A pure function of seed, class and index. Densities add up as tissues do on a radiograph (bright is dense), then the
 * film's exposure and contrast bring them to grey levels.
 */

import { RandomStream } from '../../base/random';
import { domeAt, drawBody, lungAt, type PhantomBody, step } from './phantom-body';
import { bonesAt } from './phantom-bones';
import { drawLesion, type Lesion, type PhantomClass } from './phantom-lesion';
import { drawVessels, vesselAt } from './phantom-vessels';
import { ValueNoise } from './value-noise';

/** Side of a phantom, pixels. */
export const PHANTOM_SIZE = 256;

/** Anatomy is computed on half the grid, which quarters the time; grain comes at full size. */
const COARSE = PHANTOM_SIZE / 2;

/** One image, row-major, one byte per pixel. // [256, 256] */
export function drawPhantom(seed: number, kind: PhantomClass, index: number): Uint8Array {
  const random = RandomStream.named(seed, `phantom ${kind} ${index}`);
  const body = drawBody(random);
  const lesion = drawLesion(kind, index, body, random);
  const texture = new ValueNoise(random);
  const vessels = drawVessels(body, random);
  const exposure = random.between(-0.02, 0.02);
  const contrast = random.between(0.92, 1.08);
  const grain = random.between(0.012, 0.03);

  const cos = Math.cos(body.rotation) / body.scale;
  const sin = Math.sin(body.rotation) / body.scale;
  const film = new Float32Array(COARSE * COARSE);
  for (let row = 0; row < COARSE; row += 1) {
    const v = (2 * (row + 0.5)) / COARSE - 1 - body.shiftY;
    for (let column = 0; column < COARSE; column += 1) {
      const u = (2 * (column + 0.5)) / COARSE - 1 - body.shiftX;
      const x = cos * u + sin * v;
      const y = cos * v - sin * u;
      film[row * COARSE + column] = densityAt(body, lesion, texture, vessels, x, y);
    }
  }
  return develop(doubled(film), exposure, contrast, grain, random);
}

/** Twice the size, bilinear: the blur of screen and film. // [COARSE, COARSE] -> [2 COARSE, 2 COARSE] */
function doubled(film: Float32Array): Float32Array {
  const result = new Float32Array(PHANTOM_SIZE * PHANTOM_SIZE);
  for (let row = 0; row < PHANTOM_SIZE; row += 1) {
    const near = row >> 1;
    const far = Math.max(0, Math.min(COARSE - 1, near + (row & 1 ? 1 : -1)));
    for (let column = 0; column < PHANTOM_SIZE; column += 1) {
      const i = column >> 1;
      const j = Math.max(0, Math.min(COARSE - 1, i + (column & 1 ? 1 : -1)));
      const nearRow = 0.75 * film[near * COARSE + i] + 0.25 * film[near * COARSE + j];
      const farRow = 0.75 * film[far * COARSE + i] + 0.25 * film[far * COARSE + j];
      result[row * PHANTOM_SIZE + column] = 0.75 * nearRow + 0.25 * farRow;
    }
  }
  return result;
}

function densityAt(
  body: PhantomBody,
  lesion: Lesion,
  texture: ValueNoise,
  vessels: Float32Array,
  x: number,
  y: number,
): number {
  const trunk = trunkAt(body, x, y);
  if (trunk === 0) return 0.02;
  const reach = x / (body.trunkHalfWidth + 0.22);
  const thickness = Math.sqrt(Math.max(0, 1 - reach * reach));
  const tissue = 0.34 + 0.24 * thickness + 0.05 * (texture.cloud(3 * x + 5, 3 * y + 5) - 0.5);
  const lung = lungAt(body, x, y);
  const middle = middleAt(body, x, y);
  const heart = heartAt(body, x, y);
  const abdomen = step(domeAt(body, x) - 0.02, domeAt(body, x) + 0.03, y) * 0.16;

  let density = tissue + abdomen * (1 - bubbleAt(body, x, y)) + middle * (0.2 - 0.8 * abdomen);
  if (lung > 0) {
    // Air takes most of the tissue's density away, except where the heart lies in front.
    density -= lung * (1 - 0.9 * heart) * (0.49 + 0.05 * (texture.cloud(11 * x, 11 * y) - 0.5));
    density += lung * (lesion(x, y) * (1 - 0.85 * heart) + vesselAt(vessels, x, y) * (1 - heart));
  }
  density += heart * (1 - middle) * Math.max(0, 0.12 - abdomen);
  density += bonesAt(body, x, y, lung);
  return trunk * density + (1 - trunk) * 0.02;
}

/** The body's outline: neck, sloping shoulders, flanks. */
function trunkAt(body: PhantomBody, x: number, y: number): number {
  const lateral = Math.abs(x);
  const deltoid = Math.max(0, lateral - 0.75);
  const top =
    body.shoulderY + 0.16 * lateral + 1.5 * deltoid * deltoid - 0.5 * Math.exp(-Math.max(0, lateral - 0.16) / 0.11);
  const flank = body.trunkHalfWidth + 0.12 * step(0.1, -0.7, y) + 0.03 * y;
  return step(top - 0.02, top + 0.02, y) * step(flank + 0.015, flank - 0.015, lateral);
}

/** Spine and mediastinum, with the faint gaps between vertebrae. */
function middleAt(body: PhantomBody, x: number, y: number): number {
  if (Math.abs(x) > 0.5) return 0;
  const spine = plateau(x / 0.085);
  const gap = spine === 0 ? 0 : Math.max(0, Math.cos((2 * Math.PI * y) / (body.rib.spacing * 0.92)));
  const discs = 1 - 0.16 * gap * gap * gap;
  const mediastinum = step(0.19, 0.08, Math.abs(x - 0.02));
  const archX = (x - body.aortaX) / 0.075;
  const archY = (y + 0.3) / 0.09;
  const arch = Math.exp(-archX * archX - archY * archY);
  const windpipe = plateau(x / 0.04) * step(-0.22, -0.34, y);
  return Math.min(1, 0.55 * spine * discs + 0.6 * mediastinum + 0.55 * arch) - 0.35 * windpipe;
}

/** The heart's shadow: an ellipse leaning to image right. */
function heartAt(body: PhantomBody, x: number, y: number): number {
  const { heart } = body;
  const dx = x - heart.x;
  const dy = y - heart.y;
  const along = (0.87 * dx + 0.5 * dy) / heart.radiusX;
  const across = (0.87 * dy - 0.5 * dx) / heart.radiusY;
  return step(1.1, 0.86, Math.sqrt(along * along + across * across));
}

function bubbleAt(body: PhantomBody, x: number, y: number): number {
  const bubble = body.stomachBubble;
  if (bubble === null) return 0;
  return 1.5 * step(1.2, 0.6, Math.hypot((x - bubble.x) / (1.5 * bubble.radius), (y - bubble.y) / bubble.radius));
}

/** 1 in the middle, nearly flat to half way, 0 beyond twice the unit. */
function plateau(distance: number): number {
  const square = distance * distance;
  return square > 4 ? 0 : Math.exp(-square * square);
}

/** Densities to grey levels: exposure, contrast, the film's S-curve, slightly smeared grain. */
function develop(
  film: Float32Array,
  exposure: number,
  contrast: number,
  grain: number,
  random: RandomStream,
): Uint8Array {
  const grey = new Uint8Array(film.length);
  let before = 0;
  for (let i = 0; i < film.length; i += 1) {
    // Four bytes of one draw, summed: near enough to a normal deviate for grain, and four times as fast.
    const bits = random.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    const deviate = (sum - 510) / 147.8;
    const smeared = 0.8 * deviate + 0.6 * before;
    before = deviate;
    const density = film[i] < 0.03 ? film[i] : (film[i] - 0.45) * contrast + 0.45 + exposure;
    const level = density + grain * smeared;
    grey[i] = Math.max(0, Math.min(255, Math.round(255 * level)));
  }
  return grey;
}
