/** @file Small stored settings: the tiles that suit a GPU, the notes beside weights files. */

import * as fc from 'fast-check';
import { StudioError } from '../../domain/failure';
import { decodeNote, encodeNote } from '../../storage/pretrained-store';
import { openTileStore } from '../../storage/tile-store';
import { hostileBytes } from '../hostile-bytes';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';
import { directoryOf } from '../memory-directory';

const TILES = { 'a GPU': { candidates: '1 2 3', index: 2, gflops: 800 } };
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Whatever stands there, it counts as absent or is what it has to be; nobody is told of it. */
export const settings: FuzzKind<Uint8Array<ArrayBuffer>> = {
  name: 'settings',
  quickCount: 150,
  files: async () =>
    fc.oneof(
      hostileBytes({
        sources: [
          utf8(JSON.stringify(TILES)),
          utf8(encodeNote({ name: 'mine.h5', official: false })),
          utf8('vgg16_weights.h5'),
        ],
        fieldsOf: () => [],
      }),
      fc.json().map((text) => Uint8Array.from(utf8(text))),
    ),
  read: (bytes) =>
    judge(async () => {
      const text = new TextDecoder().decode(bytes);
      const tiles = await openTileStore(await directoryOf({ 'kernel-tiles.json': bytes })).get('a GPU', '1 2 3');
      if (tiles !== null && !(typeof tiles.index === 'number' && typeof tiles.gflops === 'number')) {
        throw new Error(`Tiles ${JSON.stringify(tiles)}`);
      }
      const { name, official } = decodeNote(text);
      if (!(name === null || typeof name === 'string') || !(official === null || typeof official === 'boolean')) {
        throw new Error(`A note ${JSON.stringify({ name, official })}`);
      }
      if (tiles === null) throw new StudioError('storage', 'settings are as if nothing were stored.');
    }, ['settings']),
  partsOf: (bytes) => ({ 'settings.json': bytes }),
};
