import { describe, expect, it } from 'vitest';
import { growthOf } from './soak-network';

const flat = { allocatedBytes: 2000, usedBytes: 1000, tensors: 7, loss: 1 };

describe('growthOf', () => {
  it('finds nothing in readings that stay, or whose uniforms become more', () => {
    expect(
      growthOf([
        { ...flat, step: 100 },
        { ...flat, step: 200, allocatedBytes: 300_000, loss: 0.5 },
      ]),
    ).toEqual([]);
  });

  it('names what changed, and when', () => {
    const later = { ...flat, step: 300, allocatedBytes: 2_000_000, usedBytes: 1004, tensors: 8 };
    expect(growthOf([{ ...flat, step: 100 }, { ...flat, step: 200 }, later])).toEqual([
      'Bytes in use went from 1000 to 1004 at step 300.',
      'Live tensors went from 7 to 8 at step 300.',
      'All buffers grew from 2000 to 2000000 at step 300.',
    ]);
  });

  it('trusts no soak without a reading', () => {
    expect(growthOf([])).toHaveLength(1);
  });
});
