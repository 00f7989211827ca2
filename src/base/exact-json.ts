/**
 * @file JSON that gives back what was written, numbers that are not finite included, and equal text for equal values.
 *
 * Such a number is written as `{"$number":"NaN"}`; keys are sorted. What JSON cannot hold is refused instead of being lost.
 */

const NUMBER_KEY = '$number';
const NAMES: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * The text of a plain value; a field that is undefined counts as absent.
 * @throws {TypeError} when it holds anything but objects, arrays, strings, numbers, booleans and null, or itself.
 */
export function encodeExactJson(value: unknown): string {
  return JSON.stringify(toPlain(value, new Set()));
}

/** @throws {SyntaxError} when the text is not what {@link encodeExactJson} writes. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!isPlainObject(value) || !Object.hasOwn(value, NUMBER_KEY)) return value;
    const name = value[NUMBER_KEY];
    if (typeof name !== 'string' || !Object.hasOwn(NAMES, name)) throw new SyntaxError(`Not a number: ${String(name)}`);
    return NAMES[name];
  });
}

function toPlain(value: unknown, around: Set<object>): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [NUMBER_KEY]: String(value) };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') throw new TypeError(`JSON has no notation for a ${typeof value}`);
  if (around.has(value)) throw new TypeError('A value that holds itself has no end in JSON');
  around.add(value);
  const plain = Array.isArray(value) ? value.map((item) => toPlain(item, around)) : fieldsOf(value, around);
  around.delete(value);
  return plain;
}

function fieldsOf(value: object, around: Set<object>): Record<string, unknown> {
  if (!isPlainObject(value)) throw new TypeError(`JSON has no notation for a ${value.constructor?.name ?? 'value'}`);
  if (Object.hasOwn(value, NUMBER_KEY)) throw new TypeError(`A field must not be named ${NUMBER_KEY}`);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return Object.fromEntries(keys.map((key) => [key, toPlain(value[key], around)]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
