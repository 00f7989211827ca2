/** @file What an opened backup holds, run by run: its entries put together, and checked to be whole. */

import type { BackupArchive } from './backup-archive';
import { type PlacedEntry, refused } from './backup-manifest';

export interface BackedUpRun {
  runId: string;
  record: PlacedEntry;
  /** The files of its checkpoint; none when its weights were not stored. */
  files: { fileName: string; entry: PlacedEntry }[];
}

export interface BackupContents {
  runs: BackedUpRun[];
  queue: PlacedEntry | null;
  pretrained: { fileName: string; entry: PlacedEntry }[];
  totalBytes: number;
}

/** @throws {StudioError} `bad-input` when there are weights without the record of their run */
export function readContents({ name, manifest }: BackupArchive): BackupContents {
  const records = new Map<string, PlacedEntry>();
  const files = new Map<string, BackedUpRun['files']>();
  const contents: BackupContents = { runs: [], queue: null, pretrained: [], totalBytes: 0 };
  for (const entry of manifest.entries) {
    contents.totalBytes += entry.sizeBytes;
    const { place } = entry;
    switch (place.kind) {
      case 'record':
        records.set(place.runId, entry);
        break;
      case 'checkpoint':
        files.set(place.runId, [...(files.get(place.runId) ?? []), { fileName: place.fileName, entry }]);
        break;
      case 'queue':
        contents.queue = entry;
        break;
      case 'pretrained':
        contents.pretrained.push({ fileName: place.fileName, entry });
        break;
      default:
        place satisfies never;
    }
  }
  for (const runId of files.keys()) {
    if (!records.has(runId))
      throw refused(`${name} cannot be restored: it holds weights of run ${runId}, but not its record.`);
  }
  contents.runs = [...records].map(([runId, record]) => ({ runId, record, files: files.get(runId) ?? [] }));
  return contents;
}
