import { describe, expect, it } from 'vitest';
import {
  formatAccuracy,
  formatCount,
  formatDuration,
  formatGflops,
  formatMillions,
  formatRoughBytes,
  formatRoughDuration,
  formatRunTime,
  formatTick,
} from './format';

describe('numbers on screen', () => {
  it('writes times as the notebook does', () => {
    expect(formatRunTime(210_900)).toBe('210.9 s');
    expect(formatRunTime(1_056_100)).toBe('1056.1 s');
    expect(formatRunTime(4_512_000)).toBe('75.2 min');
  });

  it('writes durations for people who wait', () => {
    expect(formatDuration(8_400)).toBe('8 s');
    expect(formatDuration(200_000)).toBe('3 min 20 s');
    expect(formatDuration(59_700)).toBe('1 min 00 s');
    expect(formatDuration(7_500_000)).toBe('2 h 05 min');
  });

  it('writes counts and accuracies', () => {
    expect(formatCount(1_626_683)).toBe('1,626,683');
    expect(formatMillions(1_626_683)).toBe('1.6 M');
    expect(formatMillions(290_246_435)).toBe('290 M');
    expect(formatMillions(33_275)).toBe('33,275');
    expect(formatAccuracy(39, 45)).toBe('0.867 (39/45)');
  });

  it('writes estimates with two digits', () => {
    expect(formatRoughBytes(1_960_066_724)).toBe('1.8 GB');
    expect(formatRoughBytes(266_232_552)).toBe('250 MB');
    expect(formatRoughBytes(3_500_000)).toBe('3.3 MB');
    expect(formatRoughDuration(412)).toBe('0.41 s');
    expect(formatRoughDuration(41_234)).toBe('41 s');
    expect(formatRoughDuration(187_000)).toBe('3.1 min');
    expect(formatRoughDuration(9_000_000)).toBe('2.5 h');
    expect(formatRoughDuration(12 * 86_400_000)).toBe('12 days');
  });

  it('writes rates', () => {
    expect(formatGflops(0.4213)).toBe('0.42');
    expect(formatGflops(3.44)).toBe('3.4');
    expect(formatGflops(1240.4)).toBe('1,240');
  });
});

it.each([
  [0, '0'],
  [0.25, '0.25'],
  [1.2, '1.2'],
  [150_000, '150K'],
  [2.1e35, '2.1e35'],
])('the axis says %s as %s', (value, text) => {
  expect(formatTick(value)).toBe(text);
});
