/** @file Little-endian IEEE 754 numbers of 16, 32 or 64 bits as float32. */

export type FloatBytes = 2 | 4 | 8;

/** True for the sizes, in bytes, that {@link decodeFloats} reads. */
export function isFloatBytes(size: number): size is FloatBytes {
  return size === 2 || size === 4 || size === 8;
}

/** Decodes to float32; doubles are rounded to the nearest. `bytes` is not kept. */
export function decodeFloats(bytes: Uint8Array, bytesPerNumber: FloatBytes): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float32Array(bytes.byteLength / bytesPerNumber);
  switch (bytesPerNumber) {
    case 4:
      new Uint8Array(numbers.buffer).set(bytes);
      return numbers;
    case 8:
      for (let i = 0; i < numbers.length; i += 1) numbers[i] = view.getFloat64(i * 8, true);
      return numbers;
    case 2:
      for (let i = 0; i < numbers.length; i += 1) numbers[i] = decodeHalf(view.getUint16(i * 2, true));
      return numbers;
    default:
      return bytesPerNumber satisfies never;
  }
}

/** 1 sign bit, 5 bits of exponent with bias 15, 10 bits of fraction. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
