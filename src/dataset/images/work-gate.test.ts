import { describe, expect, it } from 'vitest';
import { mapConcurrently, WorkGate } from './work-gate';

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('WorkGate', () => {
  it('never lets in more than its capacity, and everything in the end', async () => {
    const gate = new WorkGate(10);
    let load = 0;
    let most = 0;
    const weights = [3, 3, 3, 3, 25, 1, 9, 2, 2];
    const done = await Promise.all(
      weights.map((weight) =>
        gate.run(weight, async () => {
          load += Math.min(10, weight);
          most = Math.max(most, load);
          await tick();
          load -= Math.min(10, weight);
          return weight;
        }),
      ),
    );
    expect(done).toEqual(weights);
    expect(most).toBeLessThanOrEqual(10);
    expect(most).toBeGreaterThan(3);
  });

  it('goes on after work that failed', async () => {
    const gate = new WorkGate(1);
    await expect(gate.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.run(1, async () => 'yes')).resolves.toBe('yes');
  });
});

describe('mapConcurrently', () => {
  it('keeps the order of the items and the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrently([5, 4, 3, 2, 1], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([50, 40, 30, 20, 10]);
    expect(most).toBe(2);
  });

  it('throws the first failure and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = mapConcurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await tick();
      if (item === 1) throw new Error('one');
    });
    await expect(work).rejects.toThrow('one');
    expect(begun.length).toBeLessThan(6);
  });
});
