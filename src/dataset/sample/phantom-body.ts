/**
 * @file One invented patient: where body, lungs, heart, diaphragm and bones of a chest phantom lie.
 *
 * Body coordinates: x from -1 (image left, the patient's right) to 1, y from -1 (top) to 1 (bottom), the spine near
 * x = 0. The proportions are drawn by eye after frontal films; they are no anatomy reference.
 */

import type { RandomStream } from '../../base/random';

/** -1 is image left (the patient's right lung), 1 image right. */
export type Side = -1 | 1;

export interface PhantomBody {
  /** Placement on the image: shift and scale in body units, rotation in radians. */
  shiftX: number;
  shiftY: number;
  scale: number;
  rotation: number;
  trunkHalfWidth: number;
  shoulderY: number;
  /** Lungs, one number per side: image left, image right. */
  apexY: readonly [number, number];
  baseY: readonly [number, number];
  innerX: readonly [number, number];
  lungWidth: readonly [number, number];
  domeCurve: number;
  heart: { x: number; y: number; radiusX: number; radiusY: number };
  aortaX: number;
  rib: { firstY: number; spacing: number; slope: number; sag: number; halfWidth: number; contrast: number };
  clavicle: { y: number; rise: number };
  stomachBubble: { x: number; y: number; radius: number } | null;
}

/** Draws a patient's proportions at random. */
export function drawBody(random: RandomStream): PhantomBody {
  const apexY = random.between(-0.8, -0.7);
  const baseY = random.between(0.54, 0.64);
  const lungWidth = random.between(0.66, 0.72);
  return {
    shiftX: random.between(-0.06, 0.06),
    shiftY: random.between(-0.06, 0.06),
    scale: random.between(1, 1.1),
    rotation: random.between(-0.07, 0.07),
    trunkHalfWidth: random.between(0.94, 1),
    shoulderY: random.between(-0.8, -0.7),
    apexY: [apexY + random.between(-0.02, 0.02), apexY + random.between(-0.02, 0.02)],
    // The liver lifts the dome at image left.
    baseY: [baseY - random.between(0.02, 0.08), baseY],
    innerX: [random.between(0.12, 0.16), random.between(0.12, 0.16)],
    lungWidth: [lungWidth * random.between(0.97, 1.03), lungWidth * random.between(0.94, 1)],
    domeCurve: random.between(0.9, 1.5),
    heart: {
      x: random.between(0.09, 0.15),
      y: baseY - random.between(0.17, 0.23),
      radiusX: random.between(0.33, 0.42),
      radiusY: random.between(0.26, 0.32),
    },
    aortaX: random.between(0.13, 0.18),
    rib: {
      firstY: apexY - 0.02 + random.between(-0.03, 0.03),
      spacing: random.between(0.145, 0.17),
      slope: random.between(0.1, 0.3),
      sag: random.between(0.25, 0.42),
      halfWidth: random.between(0.032, 0.042),
      contrast: random.between(0.09, 0.14),
    },
    clavicle: { y: random.between(-0.66, -0.56), rise: random.between(0.06, 0.16) },
    stomachBubble:
      random.uniform() < 0.6
        ? { x: random.between(0.36, 0.52), y: baseY + random.between(0.14, 0.2), radius: random.between(0.07, 0.12) }
        : null,
  };
}

/** How far (x, y) lies inside the lung of that side, 0 outside to 1 inside, with soft edges. */
export function lungAt(body: PhantomBody, x: number, y: number): number {
  const side = x < 0 ? 0 : 1;
  const lateral = Math.abs(x);
  const apex = body.apexY[side];
  const depth = (y - apex) / (body.baseY[side] - apex);
  if (depth <= 0 || depth > 1.6) return 0;
  const inner = body.innerX[side] + 0.05 * depth - 0.11 * depth * (1 - depth);
  // A quarter of an ellipse down to two thirds, then nearly straight.
  const rise = Math.max(0, 1 - depth / 0.7);
  const outer = inner + body.lungWidth[side] * (Math.sqrt(1 - rise * rise) + 0.05 * depth - 0.05);
  const wall = step(inner - 0.03, inner + 0.03, lateral) * step(outer + 0.015, outer - 0.025, lateral);
  return wall === 0 ? 0 : wall * step(0.015, -0.015, y - domeAt(body, x));
}

/** Height of the diaphragm at this x: two domes that meet in the middle. */
export function domeAt(body: PhantomBody, x: number): number {
  const right = step(-0.12, 0.12, x);
  const lateral = Math.abs(x);
  return (1 - right) * domeOf(body, 0, lateral) + right * domeOf(body, 1, lateral);
}

function domeOf(body: PhantomBody, side: 0 | 1, lateral: number): number {
  const offset = lateral - (body.innerX[side] + 0.4 * body.lungWidth[side]);
  // Falls away steeper to the side than to the middle: the costophrenic angle.
  const curve = offset > 0 ? body.domeCurve * 1.6 : body.domeCurve * 0.5;
  return body.baseY[side] - 0.06 + curve * offset * offset;
}

/** Depth inside the lung, 0 at the apex, 1 at the base. */
export function lungDepth(body: PhantomBody, x: number, y: number): number {
  const side = x < 0 ? 0 : 1;
  return (y - body.apexY[side]) / (body.baseY[side] - body.apexY[side]);
}

/** 0 at the edge `from`, 1 at the edge `to`, smooth between; `from` may be the larger. */
export function step(from: number, to: number, value: number): number {
  const t = (value - from) / (to - from);
  if (t <= 0) return 0;
  if (t >= 1) return 1;
  return t * t * (3 - 2 * t);
}
