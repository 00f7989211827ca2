/** @file A pure function that remembers its latest answers. */

/**
 * @param most answers that are kept; the one asked for longest ago goes first.
 * @param make must give the same answer for the same arguments, and nobody may change what it gave.
 */
export function remembered<Args extends (string | number)[], Answer>(
  most: number,
  make: (...args: Args) => Answer,
): (...args: Args) => Answer {
  const answers = new Map<string, Answer>();
  return (...args) => {
    const key = args.join('/');
    const answer = answers.has(key) ? (answers.get(key) as Answer) : make(...args);
    answers.delete(key);
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > most) answers.delete(oldest);
    return answer;
  };
}
