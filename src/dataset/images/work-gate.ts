/** @file Starts work as long as the total weight in progress stays under a limit; the rest waits. */

/** Starts pieces of work in the order they were asked for, within a limit on their total weight. */
export class WorkGate {
  private load = 0;
  private readonly waiting: { weight: number; enter: () => void }[] = [];

  /** @param capacity Most weight in progress at once; heavier work runs alone. */
  constructor(private readonly capacity: number) {}

  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    const charge = Math.min(weight, this.capacity);
    if (this.waiting.length > 0 || this.load + charge > this.capacity) {
      await new Promise<void>((enter) => this.waiting.push({ weight: charge, enter }));
    } else {
      this.load += charge;
    }
    try {
      return await work();
    } finally {
      this.load -= charge;
      this.admit();
    }
  }

  private admit(): void {
    for (;;) {
      const next = this.waiting[0];
      if (next === undefined || this.load + next.weight > this.capacity) return;
      this.waiting.shift();
      this.load += next.weight;
      next.enter();
    }
  }
}

/**
 * Runs `work` on every item, at most `limit` at a time, results in the order of the items. The first failure is thrown
 * once the work already begun has settled.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  async function drain(): Promise<void> {
    while (next < items.length && !failed) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index], index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const settled = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, drain));
  const failure = settled.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}
