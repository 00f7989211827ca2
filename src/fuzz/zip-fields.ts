/** @file The numbers in the headers of a zip file. Source: PKWARE's APPNOTE.TXT 6.3.10, section 4.3. */

import type { Field } from './hostile-bytes';

/** By signature: where each number stands behind its beginning, and its bytes. */
const HEADERS: Record<number, readonly (readonly [at: number, widthBytes: Field['widthBytes']])[]> = {
  // Local header.
  67324752: [
    [6, 2],
    [8, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  // Entry of the directory.
  33639248: [
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [42, 4],
  ],
  // End of the directory, of zip64's, and what leads to that.
  101010256: [
    [4, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
  101075792: [
    [4, 8],
    [24, 8],
    [32, 8],
    [40, 8],
    [48, 8],
  ],
  117853008: [[8, 8]],
};

export function zipFields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    const layout = HEADERS[view.getUint32(at, true)] ?? [];
    for (const [offset, widthBytes] of layout) fields.push({ at: at + offset, widthBytes, littleEndian: true });
  }
  return fields;
}
