import { describe, expect, it } from 'vitest';
import { RandomStream } from './random';

describe('RandomStream', () => {
  it('repeats under the same seed and name, and differs under another name', () => {
    const draw = (seed: number, name: string) => Array.from({ length: 4 }, bitsOf(RandomStream.named(seed, name)));
    expect(draw(7, 'shuffle')).toEqual(draw(7, 'shuffle'));
    expect(draw(7, 'shuffle')).not.toEqual(draw(7, 'augment'));
    expect(draw(7, 'shuffle')).not.toEqual(draw(8, 'shuffle'));
  });

  it('goes on from a stored state', () => {
    const stream = RandomStream.named(1, 'init');
    stream.uniform();
    const copy = RandomStream.fromState(stream.state);
    expect(copy.uniform()).toBe(stream.uniform());
  });

  it('draws standard normals', () => {
    const stream = RandomStream.named(3, 'noise');
    const draws = Array.from({ length: 20_000 }, () => stream.normal());
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('shuffles to a permutation', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = RandomStream.named(1, 'shuffle').shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});

function bitsOf(stream: RandomStream) {
  return () => stream.bits();
}
