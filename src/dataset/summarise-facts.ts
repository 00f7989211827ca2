/** @file Summarises the facts of all images: range of sizes, kinds and formats. */

import type { ImageFacts, ImageRanges } from '../domain/dataset';

/** @returns undefined when there is no image. */
export function summariseFacts(facts: readonly ImageFacts[]): ImageRanges | undefined {
  if (facts.length === 0) return undefined;
  let [smallest] = facts;
  let [largest] = facts;
  for (const image of facts) {
    if (area(image) < area(smallest)) smallest = image;
    if (area(image) > area(largest)) largest = image;
  }
  return {
    smallest: { width: smallest.width, height: smallest.height },
    largest: { width: largest.width, height: largest.height },
    kinds: byFrequency(facts.map(({ bitDepth, colour }) => `${bitDepth}-bit ${colour}`)),
    formats: byFrequency(facts.map(({ format }) => format)),
  };
}

function area({ width, height }: ImageFacts): number {
  return width * height;
}

/** Each word once, the most frequent first, equally frequent ones by name. */
function byFrequency(words: string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
}
