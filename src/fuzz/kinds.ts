/** @file The registry of kinds. A new one is a line here. */

import type { FileThreads } from './file-threads';
import type { FuzzKind } from './kind';
import { backups } from './kinds/backups';
import { checkpoints } from './kinds/checkpoints';
import { folders, listFiles } from './kinds/datasets';
import { bmp, jpeg, otherImages, png, webp } from './kinds/images';
import { kerasConfigurations } from './kinds/keras-configurations';
import { hdf5Files, kerasArchives } from './kinds/keras-files';
import { settings } from './kinds/settings';
import { checkpointStates, predictions, queueItems, runRecords } from './kinds/stored-values';

/** Those whose readers run where they are called. */
const DIRECT = [
  listFiles,
  folders,
  png,
  jpeg,
  webp,
  bmp,
  otherImages,
  kerasConfigurations,
  backups,
  checkpoints,
  checkpointStates,
  runRecords,
  predictions,
  queueItems,
  settings,
];

/** All kinds that Node can read. @param threads read the Keras files, which can stop whoever reads them. */
export function allKinds(threads: FileThreads): FuzzKind[] {
  return [...DIRECT, hdf5Files(threads), kerasArchives(threads)] as FuzzKind[];
}
