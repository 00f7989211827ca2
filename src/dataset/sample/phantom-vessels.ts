/** @file The vessels of the lungs, drawn once per phantom and then looked up. */

import type { RandomStream } from '../../base/random';
import type { PhantomBody } from './phantom-body';

const VESSEL_GRID = 256;

/** Branching vessels, drawn as tapering trails of soft dots from each hilum. // [256, 256] over the body square */
export function drawVessels(body: PhantomBody, random: RandomStream): Float32Array {
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

/** Density of vessels at (x, y) of the body. */
export function vesselAt(grid: Float32Array, x: number, y: number): number {
  const column = Math.floor(((x + 1) * VESSEL_GRID) / 2);
  const row = Math.floor(((y + 1) * VESSEL_GRID) / 2);
  if (column < 0 || row < 0 || column >= VESSEL_GRID || row >= VESSEL_GRID) return 0;
  return grid[row * VESSEL_GRID + column];
}
