import { describe, expect, it } from 'vitest';
import { paintJet } from './jet';

/** What matplotlib 3.11 gives for `colormaps['jet'](value, bytes=True)`. */
const MATPLOTLIB: [value: number, red: number, green: number, blue: number][] = [
  [0, 0, 0, 127],
  [0.1, 0, 0, 241],
  [0.25, 0, 128, 255],
  [0.4999, 121, 255, 125],
  [0.5, 124, 255, 121],
  [0.75, 255, 148, 0],
  [0.999, 127, 0, 0],
  [1, 127, 0, 0],
];

describe('paintJet', () => {
  it("equals matplotlib's colours", () => {
    for (const [value, ...rgb] of MATPLOTLIB) expect([...paintJet([value])]).toEqual([...rgb, 255]);
  });

  it("equals matplotlib's whole table, by its checksum", () => {
    const pixels = paintJet(Array.from({ length: 256 }, (_, i) => (i + 0.5) / 256));
    const sums = [0, 0, 0];
    let weighted = 0;
    for (let i = 0; i < 256; i += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const byte = pixels[i * 4 + channel];
        sums[channel] += byte;
        weighted += byte * (i + 1) * [1, 3, 7][channel];
      }
    }
    expect(sums).toEqual([30408, 34073, 30410]);
    expect(weighted).toBe(33935685);
  });

  it('clamps what lies outside', () => {
    expect(paintJet([-1])).toEqual(paintJet([0]));
    expect(paintJet([2])).toEqual(paintJet([1]));
  });
});
