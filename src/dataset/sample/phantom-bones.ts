/** @file Ribs, clavicles and shoulder blades of a chest phantom. */

import { type PhantomBody, step } from './phantom-body';

/**
 * Density of bone at (x, y) of the body.
 * @param lung How far the point lies inside the lung; bone shows less against soft tissue.
 */
export function bonesAt(body: PhantomBody, x: number, y: number, lung: number): number {
  const { rib, clavicle } = body;
  const lateral = Math.abs(x);
  const out = Math.max(0, lateral - 0.08);
  const cage = step(0.9, 0.8, lateral) * step(0.06, 0.12, lateral);
  let density = 0;
  if (cage > 0) {
    const arch = 0.06 * Math.sin(Math.min(1, out / 0.45) * Math.PI);
    const behind = y - rib.firstY - rib.slope * out - rib.sag * out * out + arch;
    density += bandAt(behind, rib.spacing, rib.halfWidth, 10) * rib.contrast * cage * (0.45 + 0.55 * lung);
  }
  if (cage > 0 && lung > 0) {
    const medial = 0.8 - lateral;
    const front = y - rib.firstY - 0.1 - 0.42 * medial - 0.25 * medial * medial;
    const band = bandAt(front, rib.spacing, rib.halfWidth * 1.15, 6);
    density += band * rib.contrast * 0.6 * cage * step(0.2, 0.4, lateral) * lung;
  }

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

function ridge(distance: number): number {
  const square = distance * distance;
  return square > 4 ? 0 : (0.65 + 0.5 * square) * Math.exp(-square * square);
}
