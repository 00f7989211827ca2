/** @file A kind of file that is damaged and read, again and again. */

import type * as fc from 'fast-check';
import type { Outcome } from './judge';

/** Files by name; several where they are read together. */
export type Parts = Record<string, Uint8Array>;

/** `File`: a damaged file as the reader of this kind gets it. */
export interface FuzzKind<File = unknown> {
  /** As `--kind` names it. */
  name: string;
  /** So many of them are read in `npm test`: a second's worth. */
  quickCount: number;
  /** The damaged files, made from sound ones. */
  files(): Promise<fc.Arbitrary<File>>;
  read(file: File): Promise<Outcome>;
  /** What is saved of a file whose reading failed. */
  partsOf(file: File): Parts | Promise<Parts>;
  /** Ends what the readers hold. */
  close?(): Promise<void>;
}
