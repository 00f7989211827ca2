import { describe, expect, it } from 'vitest';
import { drawPhantom, PHANTOM_SIZE } from './phantom';
import { PHANTOM_CLASSES } from './phantom-lesion';

/** Mean grey of a rectangle given in fractions of the side. */
function mean(film: Uint8Array, left: number, top: number, right: number, bottom: number): number {
  let sum = 0;
  let count = 0;
  for (let row = Math.floor(top * PHANTOM_SIZE); row < bottom * PHANTOM_SIZE; row += 1) {
    for (let column = Math.floor(left * PHANTOM_SIZE); column < right * PHANTOM_SIZE; column += 1) {
      sum += film[row * PHANTOM_SIZE + column];
      count += 1;
    }
  }
  return sum / count;
}

const rightLung = (film: Uint8Array) => mean(film, 0.22, 0.3, 0.36, 0.6);
const leftLung = (film: Uint8Array) => mean(film, 0.64, 0.3, 0.78, 0.6);

describe('drawPhantom', () => {
  it('is a function of seed, class and index', () => {
    const film = drawPhantom(1, 'COVID', 3);
    expect(film).toHaveLength(PHANTOM_SIZE ** 2);
    expect(drawPhantom(1, 'COVID', 3)).toEqual(film);
    expect(drawPhantom(2, 'COVID', 3)).not.toEqual(film);
    expect(drawPhantom(1, 'COVID', 4)).not.toEqual(film);
    expect(drawPhantom(1, 'HEALTHY', 3)).not.toEqual(film);
  });

  it.each(PHANTOM_CLASSES)('%s shows dark air outside, a bright middle and abdomen', (kind) => {
    const film = drawPhantom(7, kind, 1);
    const corner = mean(film, 0, 0, 0.08, 0.06);
    expect(corner).toBeLessThan(25);
    expect(mean(film, 0.46, 0.4, 0.54, 0.6)).toBeGreaterThan(corner + 100);
    expect(mean(film, 0.2, 0.92, 0.4, 0.99)).toBeGreaterThan(120);
  });

  it('clear lungs are dark, haze is on both sides, one dense lobe is on one', () => {
    for (let index = 0; index < 5; index += 1) {
      const healthy = drawPhantom(7, 'HEALTHY', index);
      const covid = drawPhantom(7, 'COVID', index);
      const pneumonia = drawPhantom(7, 'PNEUMONIA', index);
      const clear = Math.max(leftLung(healthy), rightLung(healthy));
      expect(Math.min(leftLung(covid), rightLung(covid))).toBeGreaterThan(clear + 15);
      expect(Math.abs(leftLung(covid) - rightLung(covid))).toBeLessThan(35);
      expect(Math.abs(leftLung(pneumonia) - rightLung(pneumonia))).toBeGreaterThan(35);
    }
  });
});
