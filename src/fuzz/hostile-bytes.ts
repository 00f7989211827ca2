/**
 * @file Damages files: cuts, flips, splices, repeats, and numbers written over the fields of their structure.
 *
 * Every file begins as a sound one, so that a reader is led deep before it meets the damage. A file is plain data of
 * fast-check: the same seed makes the same file, and a failing one is made smaller.
 */

import * as fc from 'fast-check';
import { type HostileNumber, hostileNumber } from './hostile-numbers';

/** A number of the file's structure: a length, an offset, a count, a size of the image. */
export interface Field {
  at: number;
  widthBytes: 1 | 2 | 3 | 4 | 8;
  littleEndian: boolean;
}

/** A format whose files are damaged. */
export interface HostileFormat {
  /** Sound files of it. */
  sources: readonly Uint8Array[];
  /** Where the numbers of its structure stand. */
  fieldsOf(bytes: Uint8Array): Field[];
  /** Makes checksums right again, so that the damage lies behind them. */
  mend?(bytes: Uint8Array): Uint8Array;
}

/** No damaged file grows beyond this. */
const MAX_BYTES = 2 ** 20;

const place = fc.nat(2 ** 30);
/** Short pieces mostly; a long one is a share of the file. */
const stretch = fc.oneof({ weight: 4, arbitrary: fc.nat(64) }, { weight: 1, arbitrary: fc.nat(2 ** 16) });

type Edit =
  | { kind: 'field'; place: number; value: HostileNumber }
  | { kind: 'number'; place: number; widthBytes: Field['widthBytes']; littleEndian: boolean; value: HostileNumber }
  | { kind: 'byte'; place: number; value: number }
  | { kind: 'bit'; place: number; bit: number }
  | { kind: 'cut'; place: number }
  | { kind: 'drop'; place: number; length: number }
  | { kind: 'repeat'; place: number; length: number; times: number }
  | { kind: 'copy'; place: number; from: number; length: number; over: boolean }
  | { kind: 'splice'; place: number; source: number; from: number; length: number }
  | { kind: 'blank'; place: number; length: number; value: number };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('field' as const), place, value: hostileNumber }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('number' as const),
      place,
      widthBytes: fc.constantFrom(1, 2, 4, 8),
      littleEndian: fc.boolean(),
      value: hostileNumber,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('byte' as const), place, value: fc.nat(255) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bit' as const), place, bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), place, length: stretch }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repeat' as const),
      place,
      length: stretch,
      times: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      place,
      from: place,
      length: stretch,
      over: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('splice' as const), place, source: place, from: place, length: stretch }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('blank' as const),
      place,
      length: stretch,
      value: fc.constantFrom(0, 255, 32, 128),
    }),
  },
);

/** Damaged files of a format. */
export function hostileBytes(format: HostileFormat): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const { sources, mend } = format;
  return fc
    .record({
      source: fc.nat(sources.length - 1),
      // One is what leads a reader deepest.
      edits: fc.oneof(fc.tuple(edit), fc.array(edit, { minLength: 1, maxLength: 5 })),
      isMended: fc.boolean(),
    })
    .map(({ source, edits, isMended }) => {
      const damaged = (edits as Edit[]).reduce(
        (bytes, one) => apply(one, bytes, format),
        Uint8Array.from(sources[source]),
      );
      return isMended && mend ? Uint8Array.from(mend(damaged)) : damaged;
    });
}

function apply(
  one: Edit,
  bytes: Uint8Array<ArrayBuffer>,
  { sources, fieldsOf }: HostileFormat,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return bytes;
  const at = one.place % bytes.length;
  switch (one.kind) {
    case 'field': {
      const fields = fieldsOf(bytes);
      if (fields.length === 0) return bytes;
      return write(bytes, fields[one.place % fields.length], one.value);
    }
    case 'number':
      return write(bytes, { at, widthBytes: one.widthBytes, littleEndian: one.littleEndian }, one.value);
    case 'byte':
      bytes[at] = one.value;
      return bytes;
    case 'bit':
      bytes[at] ^= 1 << one.bit;
      return bytes;
    case 'cut':
      return bytes.slice(0, at);
    case 'drop':
      return joined(bytes.subarray(0, at), bytes.subarray(at + one.length));
    case 'repeat': {
      const piece = bytes.subarray(at, at + one.length);
      return joined(bytes.subarray(0, at), ...Array.from({ length: one.times }, () => piece), bytes.subarray(at));
    }
    case 'copy': {
      const piece = bytes.slice(one.from % bytes.length, (one.from % bytes.length) + one.length);
      return joined(bytes.subarray(0, at), piece, bytes.subarray(one.over ? at + piece.length : at));
    }
    case 'splice': {
      const other = sources[one.source % sources.length];
      const from = one.from % other.length;
      return joined(bytes.subarray(0, at), other.subarray(from, from + one.length), bytes.subarray(at));
    }
    case 'blank':
      return bytes.fill(one.value, at, at + one.length);
    default:
      return one satisfies never;
  }
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(Math.min(MAX_BYTES, length));
  let at = 0;
  for (const part of parts) {
    whole.set(part.subarray(0, Math.max(0, whole.length - at)), Math.min(at, whole.length));
    at += part.length;
  }
  return whole;
}

function write(bytes: Uint8Array<ArrayBuffer>, field: Field, number: HostileNumber): Uint8Array<ArrayBuffer> {
  const { at, widthBytes, littleEndian } = field;
  if (at < 0 || at + widthBytes > bytes.length) return bytes;
  const order = Array.from({ length: widthBytes }, (_, i) => (littleEndian ? at + i : at + widthBytes - 1 - i));
  const before = order.reduceRight((value, place) => value * 256n + BigInt(bytes[place]), 0n);
  let value = numberFor(number, before, bytes.length);
  for (const place of order) {
    bytes[place] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

function numberFor(number: HostileNumber, before: bigint, fileBytes: number): bigint {
  switch (number.kind) {
    case 'exactly':
      return number.value;
    case 'moved':
      return before + number.by;
    case 'file length':
      return BigInt(fileBytes) + number.by;
    default:
      return number satisfies never;
  }
}
