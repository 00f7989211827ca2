/**
 * @file Which kernel tiles were found fastest on each GPU, so that the search runs once.
 *
 * One small file of the origin-private file system. Nothing is lost with it but a second, so damage counts as absence.
 * Dedicated workers only.
 */

import * as v from 'valibot';
import { openFile, writeText } from './opfs-file';

const FILE_NAME = 'kernel-tiles.json';

const TileChoicesSchema = v.record(
  v.string(),
  v.object({ candidates: v.string(), index: v.number(), gflops: v.number() }),
);

export interface StoredTiles {
  /** Place among the candidates. */
  index: number;
  /** The speed it reached, billions of operations per second. */
  gflops: number;
}

export interface TileStore {
  /** The stored choice among these candidates, or null. */
  get(gpu: string, candidates: string): Promise<StoredTiles | null>;
  /** @throws {StudioError} `storage` when the disk is full or the browser refuses. */
  put(gpu: string, candidates: string, choice: StoredTiles): Promise<void>;
}

/** @param root the directory that holds the file. */
export function openTileStore(root: FileSystemDirectoryHandle): TileStore {
  const read = async () => {
    const file = await openFile(root, FILE_NAME);
    const text = file ? await file.text() : '{}';
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), TileChoicesSchema), text);
    return parsed.success ? parsed.output : {};
  };
  return {
    async get(gpu, candidates) {
      const choice = (await read())[gpu];
      return choice?.candidates === candidates ? { index: choice.index, gflops: choice.gflops } : null;
    },
    async put(gpu, candidates, choice) {
      const choices = { ...(await read()), [gpu]: { candidates, ...choice } };
      await writeText(root, FILE_NAME, JSON.stringify(choices), 'What suits this GPU');
    },
  };
}
