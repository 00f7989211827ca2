/**
 * @file What illness adds to a chest phantom.
 *
 * COVID: patchy ground-glass haze in both lungs, outer and lower. PNEUMONIA: one dense lobe. HEALTHY: nothing.
 * Caricatures of what textbooks describe, good for trying the studio and for nothing else.
 */

import type { RandomStream } from '../../base/random';
import { lungDepth, type PhantomBody, type Side, step } from './phantom-body';
import { ValueNoise } from './value-noise';

/** In the order of class indices, as Keras sorts them. */
export const PHANTOM_CLASSES = ['COVID', 'HEALTHY', 'PNEUMONIA'] as const;

export type PhantomClass = (typeof PHANTOM_CLASSES)[number];

const LOWER_LOBE_EVERY = 8;

/** Density added at (x, y) of the body, before it is weighed by the lung's own extent. */
export type Lesion = (x: number, y: number) => number;

/** @param index Number of the image within its class. */
export function drawLesion(kind: PhantomClass, index: number, body: PhantomBody, random: RandomStream): Lesion {
  switch (kind) {
    case 'COVID':
      return drawHaze(body, random);
    case 'HEALTHY':
      return () => 0;
    case 'PNEUMONIA':
      return drawConsolidation(body, index, random);
    default:
      return kind satisfies never;
  }
}

interface Patch {
  x: number;
  y: number;
  radiusX: number;
  radiusY: number;
  density: number;
}

function drawHaze(body: PhantomBody, random: RandomStream): Lesion {
  const texture = new ValueNoise(random);
  const severity = random.between(0.44, 0.56);
  const patches: Patch[] = [];
  for (const side of [-1, 1] as const) {
    const index = side < 0 ? 0 : 1;
    const count = 4 + random.below(3);
    for (let i = 0; i < count; i += 1) {
      const depth = random.between(0.45, 0.95);
      const lateral = body.innerX[index] + body.lungWidth[index] * random.between(0.5, 0.95);
      patches.push({
        x: side * lateral,
        y: body.apexY[index] + depth * (body.baseY[index] - body.apexY[index]),
        radiusX: random.between(0.12, 0.22),
        radiusY: random.between(0.12, 0.24),
        density: severity * random.between(0.6, 1.1),
      });
    }
  }
  return (x, y) => {
    let density = severity * 1.0 * step(0.25, 0.7, lungDepth(body, x, y));
    for (const patch of patches) {
      const dx = (x - patch.x) / patch.radiusX;
      const dy = (y - patch.y) / patch.radiusY;
      const distance = dx * dx + dy * dy;
      if (distance < 4) density += patch.density * Math.exp(-distance);
    }
    const clouded = density * (0.55 + 0.8 * texture.cloud(9 * x + 11, 9 * y + 5));
    // Haze veils the lung; it never gets as white as a filled lobe.
    return 0.5 * (1 - Math.exp(-clouded / 0.5));
  };
}

function drawConsolidation(body: PhantomBody, index: number, random: RandomStream): Lesion {
  const texture = new ValueNoise(random);
  const side: Side = random.uniform() < 0.5 ? -1 : 1;
  // Mostly upper lobes: under shifts of 30 % the one-convolution baseline can distinguish these from basal haze, and little
  // else. One in eight by count, not by chance, so that the three splits are alike.
  const lower = index % LOWER_LOBE_EVERY === 0;
  const fissure = lower ? random.between(0.34, 0.44) : random.between(0.56, 0.66);
  const tilt = random.between(-0.15, 0.3);
  const density = random.between(0.62, 0.74);
  const sharpness = random.between(0.02, 0.05);
  const hilumX = body.innerX[side < 0 ? 0 : 1];
  return (x, y) => {
    if (Math.sign(x) !== side) return 0;
    const edge = fissure + tilt * (Math.abs(x) - 0.4) + 0.06 * (texture.at(6 * x + 9, 6 * y + 4) - 0.5);
    const depth = lungDepth(body, x, y);
    const lobe = lower
      ? step(edge - sharpness, edge + sharpness, depth)
      : step(edge + sharpness, edge - sharpness, depth);
    if (lobe === 0) return 0;
    // Air-filled bronchi stay dark inside the filled lobe: streaks that fan out from the hilum.
    const angle = Math.atan2(y - 0.02, Math.abs(x) - hilumX);
    const streak = step(0.72, 0.9, texture.at(angle * 7 + 3, 5 * Math.abs(x)));
    return lobe * density * (0.82 + 0.3 * texture.cloud(7 * x + 2, 7 * y + 8)) * (1 - 0.22 * streak);
  };
}
