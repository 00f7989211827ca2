/**
 * @file The interface of an image format in the registry, and helpers for reading signatures.
 *
 * A format has one entry: its name, its signature, and a reader that checks the structure and then decodes. An entry
 * without a reader names a format that is recognised and not read, so that its files are refused by their true name.
 */

import type { ImageColour } from '../../../domain/dataset';
import { ImageFault } from '../image-fault';
import type { Raster } from '../resize';

export interface ImageFormat {
  /** As it is called: "PNG". */
  name: string;
  /** @param bytes The beginning of a file, {@link SIGNATURE_BYTES} where it has as many. */
  hasSignature(bytes: Uint8Array): boolean;
  /**
   * Size, depth and wholeness, without decoding a pixel.
   * @param bytes The whole file.
   * @throws {ImageFault} when the file is damaged, cut short, or of a kind of this format that is not read.
   */
  inspect(bytes: Uint8Array<ArrayBuffer>): InspectedImage;
}

export interface InspectedImage {
  width: number;
  height: number;
  /** Bits per sample. */
  bitDepth: number;
  colour: ImageColour;
  /** Most memory that decoding needs, in bytes, without the file's own bytes. */
  decodeBytes: number;
  /** May change the file's bytes; call it once. @throws {ImageFault} when the pixels are damaged. */
  decode(): Promise<Raster>;
}

/** Number of bytes at a file's beginning that suffice to recognise its format. */
export const SIGNATURE_BYTES = 512;

/** An entry without a reader. @param advice What to do instead. */
export function unreadable(
  name: string,
  hasSignature: ImageFormat['hasSignature'],
  advice = 'which is not supported; convert it to PNG or JPEG.',
): ImageFormat {
  return {
    name,
    hasSignature,
    inspect: () => {
      throw new ImageFault(`is ${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}, ${advice}`);
    },
  };
}

/** True when the bytes begin with this pattern. */
export function startsWith(bytes: Uint8Array, pattern: number[]): boolean {
  return pattern.every((byte, i) => bytes[i] === byte);
}

/** True when the ASCII text stands at this byte offset. */
export function spells(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
