/** @file JSON for people: what JSON has no notation for is written as text instead of being lost. */

/** Indented; numbers that are not finite and big integers are written as strings, which `JSON.stringify` would not do. */
export function toReadableJson(value: unknown): string {
  const encode = (_key: string, inner: unknown) =>
    (typeof inner === 'number' && !Number.isFinite(inner)) || typeof inner === 'bigint' ? String(inner) : inner;
  return JSON.stringify(value, encode, 2);
}
