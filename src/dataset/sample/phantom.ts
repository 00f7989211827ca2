/**
 * @file Draws one synthetic chest film: body, lungs, heart, diaphragm, bones, vessels, illness, film grain.
 *
 * A pure function of seed, class and index. Densities add up as tissues do on a radiograph (bright is dense), then the
 * film's exposure and contrast bring them to grey levels.
 */

import { RandomStream } from '../../base/random';
import { domeAt, drawBody, lungAt, type PhantomBody, step } from './phantom-body';
import { drawLesion, type PhantomClass } from './phantom-lesion';
import { ValueNoise } from './value-noise';

/** Side of a phantom, pixels. */
export const PHANTOM_SIZE = 256;

/** Anatomy is computed on half the grid, which quarters the time; grain comes at full size. */
const COARSE = PHANTOM_SIZE / 2;

/** One film, row-major, one byte a pixel. // [256, 256] */
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
  lesion: (x: number, y: number) => number,
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
  // Air takes most of the tissue's density away, except where the heart lies in front.
  const air = lung * (1 - 0.9 * heart);
  density -= air * (0.46 + 0.05 * (texture.cloud(11 * x, 11 * y) - 0.5));
  density += heart * (1 - middle) * Math.max(0, 0.12 - abdomen);
  density += lung * (lesion(x, y) * (1 - 0.55 * heart) + vesselAt(vessels, x, y) * (1 - heart));
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

/** Ribs behind and in front, clavicles, and the shoulder blades' edges. */
function bonesAt(body: PhantomBody, x: number, y: number, lung: number): number {
  const { rib, clavicle } = body;
  const lateral = Math.abs(x);
  const out = Math.max(0, lateral - 0.08);
  const cage = step(0.9, 0.8, lateral) * step(0.06, 0.12, lateral);
  const behind =
    y - rib.firstY - rib.slope * out - rib.sag * out * out + 0.06 * Math.sin(Math.min(1, out / 0.45) * Math.PI);
  const front = y - rib.firstY - 0.1 - 0.42 * (0.8 - lateral) - 0.25 * (0.8 - lateral) ** 2;
  let density = bandAt(behind, rib.spacing, rib.halfWidth, 10) * rib.contrast * cage * (0.45 + 0.55 * lung);
  density +=
    bandAt(front, rib.spacing, rib.halfWidth * 1.15, 6) * rib.contrast * 0.6 * cage * step(0.2, 0.4, lateral) * lung;

  const along = (lateral - 0.1) / 0.6;
  if (along > -0.1 && along < 1.15) {
    const line = clavicle.y - clavicle.rise * along + 0.035 * Math.sin(2 * Math.PI * along);
    density += 0.17 * ridge((y - line) / (0.034 + 0.012 * along)) * step(-0.1, 0.02, along) * step(1.15, 1, along);
  }
  const blade = lateral - 0.74 - 0.1 * (y + 0.2);
  density += 0.06 * step(-0.02, 0.02, blade) * step(0.2, 0.1, blade) * step(-0.75, -0.6, y) * step(0.15, -0.1, y);
  return density;
}

/** Repeated bands `spacing` apart, brighter at their rims as cortical bone is; 0..1. */
function bandAt(offset: number, spacing: number, halfWidth: number, count: number): number {
  const number = Math.round(offset / spacing);
  if (number < 0 || number >= count) return 0;
  return ridge((offset - number * spacing) / halfWidth);
}

/** 1 in the middle, nearly flat to half way, 0 beyond twice the unit. */
function plateau(distance: number): number {
  const square = distance * distance;
  return square > 4 ? 0 : Math.exp(-square * square);
}

function ridge(distance: number): number {
  const square = distance * distance;
  return square > 4 ? 0 : (0.65 + 0.5 * square) * Math.exp(-square * square);
}

const VESSEL_GRID = 256;

/** Branching vessels, drawn as tapering trails of soft dots from each hilum. // [256, 256] over the body square */
function drawVessels(body: PhantomBody, random: RandomStream): Float32Array {
  const grid = new Float32Array(VESSEL_GRID * VESSEL_GRID);
  for (const side of [-1, 1] as const) {
    for (let trunk = 0; trunk < 11; trunk += 1) {
      let x = side * (body.innerX[side < 0 ? 0 : 1] + 0.03);
      let y = random.between(-0.12, 0.06);
      let angle = random.between(-1.35, 1.35);
      const steps = 26 + random.below(22);
      for (let i = 0; i < steps; i += 1) {
        const left = 1 - i / steps;
        stamp(grid, x, y, 0.007 + 0.018 * left * left, 0.1 * left);
        angle += random.between(-0.16, 0.16);
        x += side * Math.cos(angle) * 0.0125;
        y += Math.sin(angle) * 0.0125;
      }
    }
    stamp(grid, side * (body.innerX[0] + 0.03), -0.02, 0.075, 0.14);
  }
  return grid;
}

function stamp(grid: Float32Array, x: number, y: number, radius: number, density: number): void {
  const toCell = VESSEL_GRID / 2;
  const reach = Math.ceil(2 * radius * toCell);
  const column = Math.round((x + 1) * toCell);
  const row = Math.round((y + 1) * toCell);
  for (let j = Math.max(0, row - reach); j <= Math.min(VESSEL_GRID - 1, row + reach); j += 1) {
    for (let i = Math.max(0, column - reach); i <= Math.min(VESSEL_GRID - 1, column + reach); i += 1) {
      const distance = ((i / toCell - 1 - x) ** 2 + (j / toCell - 1 - y) ** 2) / (radius * radius);
      const cell = j * VESSEL_GRID + i;
      grid[cell] = Math.max(grid[cell], density * Math.exp(-distance));
    }
  }
}

function vesselAt(grid: Float32Array, x: number, y: number): number {
  const column = Math.floor(((x + 1) * VESSEL_GRID) / 2);
  const row = Math.floor(((y + 1) * VESSEL_GRID) / 2);
  if (column < 0 || row < 0 || column >= VESSEL_GRID || row >= VESSEL_GRID) return 0;
  return grid[row * VESSEL_GRID + column];
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
