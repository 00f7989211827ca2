/**
 * @file Walks the chunks of a PNG file: its header, and whether it is whole.
 *
 * Ancestry: the PNG specification, https://www.w3.org/TR/png-3/#5DataRep
 */

import { ImageFault } from './image-fault';
import { spells } from './image-format';

export interface PngHeader {
  width: number;
  height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  depth: number;
  interlaced: boolean;
  /** Where the chunks lie that decide the pixels (IHDR, PLTE, IDAT, IEND), length field and checksum included. */
  critical: { start: number; end: number }[];
}

const CUT_SHORT = 'is cut short: the PNG data ends before the image does; copy the file again.';
const SIGNATURE_BYTES = 8;
const CRITICAL = ['IHDR', 'PLTE', 'IDAT', 'IEND'];

/** @throws {ImageFault} when the file ends before its last chunk or does not begin with a header. */
export function walkPng(bytes: Uint8Array): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIGNATURE_BYTES + 25) throw new ImageFault(CUT_SHORT);
  if (!spells(bytes, SIGNATURE_BYTES + 4, 'IHDR')) throw new ImageFault('is a damaged PNG: it has no header.');
  const header: PngHeader = {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: bytes[24],
    interlaced: bytes[28] === 1,
    critical: [],
  };
  let offset = SIGNATURE_BYTES;
  for (;;) {
    if (offset + 12 > bytes.length) throw new ImageFault(CUT_SHORT);
    const end = offset + 12 + view.getUint32(offset);
    if (end > bytes.length) throw new ImageFault(CUT_SHORT);
    const kind = CRITICAL.find((name) => spells(bytes, offset + 4, name));
    if (kind !== undefined) header.critical.push({ start: offset, end });
    if (kind === 'IEND') return header;
    offset = end;
  }
}

/** The same PNG without its ancillary chunks, which a decoder may stumble over and no pixel depends on. */
export function withoutAncillaryChunks(bytes: Uint8Array, header: PngHeader): Uint8Array<ArrayBuffer> {
  const parts = [{ start: 0, end: SIGNATURE_BYTES }, ...header.critical];
  const result = new Uint8Array(parts.reduce((total, part) => total + part.end - part.start, 0));
  let offset = 0;
  for (const { start, end } of parts) {
    result.set(bytes.subarray(start, end), offset);
    offset += end - start;
  }
  return result;
}
