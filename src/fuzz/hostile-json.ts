/**
 * @file Damages stored values and configurations: fields of other types, missing, doubled, swapped, nested without end.
 *
 * Values are what JSON and structured clones hold, so an object may have a field `toString` or `__proto__` of its own.
 */

import * as fc from 'fast-check';
import { hostileDouble } from './hostile-numbers';
import { hostileWord } from './hostile-text';

/** Deeper than any stack that recursion over it could use. */
const DEPTHS = [1, 2, 5, 40, 400, 4000, 30_000];

const MAX_PLACES = 20_000;

/** Values that no reader expects where they stand. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: hostileDouble },
  { weight: 4, arbitrary: hostileWord },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], [{}]) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      { toString: null, valueOf: null },
      { toString: 'x', valueOf: 1 },
      JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"length":-1}'),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...DEPTHS).map((depth) => nested(depth, [])) },
  { weight: 1, arbitrary: fc.constantFrom(...DEPTHS).map((depth) => nested(depth, {})) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((length) => new Array<number>(length).fill(1)) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

type Edit =
  | { kind: 'replace'; place: number; value: unknown }
  | { kind: 'remove'; place: number }
  | { kind: 'move'; place: number; from: number }
  | { kind: 'double'; place: number; times: number }
  | { kind: 'wrap'; place: number; times: number }
  | { kind: 'add'; place: number; key: string; value: unknown }
  | { kind: 'retype'; place: number };

const place = fc.nat(2 ** 30);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('replace' as const), place, value: hostileValue }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), place, from: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('double' as const), place, times: fc.constantFrom(1, 2, 10, 400) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wrap' as const), place, times: fc.constantFrom(1, 3, 2000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('add' as const), place, key: hostileWord, value: hostileValue }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retype' as const), place }) },
);

/** Damaged copies of these values. */
export function hostileJson(sources: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .record({ source: fc.nat(sources.length - 1), edits: fc.array(edit, { minLength: 1, maxLength: 5 }) })
    .map(({ source, edits }) => edits.reduce(apply, structuredClone(sources[source])));
}

/** A place inside a value: what holds it, and under which key. */
interface Place {
  holder: Record<string, unknown> | unknown[];
  key: string;
}

function apply(value: unknown, one: Edit): unknown {
  const places = placesIn(value);
  if (places.length === 0) return one.kind === 'replace' ? one.value : value;
  const { holder, key } = places[one.place % places.length];
  const held = get(holder, key);
  switch (one.kind) {
    case 'replace':
      set(holder, key, one.value);
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 'move': {
      const from = places[one.from % places.length];
      set(holder, key, copyOf(get(from.holder, from.key)));
      break;
    }
    case 'double':
      if (Array.isArray(holder)) holder.push(...Array.from({ length: one.times }, () => held));
      else set(holder, `${key}_2`, held);
      break;
    case 'wrap':
      set(holder, key, nested(one.times, held));
      break;
    case 'add':
      if (Array.isArray(holder)) holder.splice(Number(key), 0, one.value);
      else set(holder, one.key, one.value);
      break;
    case 'retype':
      set(holder, key, typeof held === 'number' ? String(held) : [held]);
      break;
    default:
      one satisfies never;
  }
  return value;
}

/** The places of a value, in its order; of very large or deep ones the first. */
function placesIn(value: unknown): Place[] {
  const places: Place[] = [];
  const waiting: unknown[] = [value];
  for (let next = 0; next < waiting.length && places.length < MAX_PLACES; next += 1) {
    const holder = waiting[next];
    if (typeof holder !== 'object' || holder === null) continue;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Place['holder'], key });
      waiting.push(get(holder as Place['holder'], key));
    }
  }
  return places;
}

/** A value that is nested too deep to be copied is left out. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return null;
  }
}

function get(holder: Place['holder'], key: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** Also for `__proto__`, which assignment would not make a field. */
function set(holder: Place['holder'], key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true });
}

function nested(depth: number, innermost: unknown): unknown {
  let value = innermost;
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { layers: value };
  return value;
}
