/** @file Sentences of the panel of pretrained weights: one for each file, and one for all when no file is needed. */

import { NETWORKS, type NetworkId } from '../../domain/network';
import type { KeptFile, WeightsStatus } from '../../domain/protocol';
import { formatMegabytes } from '../../ui/format';

/** `my-vgg.h5, 56 MB` */
export function keptWords({ name, sizeBytes }: KeptFile): string {
  return `${name ?? 'File name not recorded'}, ${formatMegabytes(sizeBytes)}`;
}

/** What else there is to know of a kept file; null for the official one of a network that starts from it. */
export function keptNote({ network, fileName, kept }: WeightsStatus): string | null {
  const { name, pretrained } = NETWORKS[network];
  if (!pretrained) return `No run reads it: ${name} starts from random weights.`;
  if (!kept || kept.official) return null;
  return `Own file, in place of Keras’ ${fileName}`;
}

/** What removing a kept file means. */
export function removalWords(network: NetworkId, kept: KeptFile): string {
  const what = `${keptWords(kept)}, is removed from this browser.`;
  const { name, pretrained } = NETWORKS[network];
  return pretrained
    ? `${what} ${name} needs a file again before its next run; runs that began with this one stay.`
    : what;
}

/** The note when no file is needed now; null when the rows say enough. */
export function weightsNote(statuses: WeightsStatus[], selected: NetworkId[], random: boolean): string | null {
  if (random) return 'No file is needed: “Start from random weights” is switched on.';
  const readers = statuses.filter(({ network }) => NETWORKS[network].pretrained);
  if (readers.some(({ network }) => selected.includes(network))) return null;
  const names = readers.map(({ network }) => NETWORKS[network].name).join(' and ');
  return readers.some(({ present }) => present)
    ? `${names} start from these files. Neither is ticked, so none is needed now.`
    : `No file is kept in this browser yet. ${names} start from ImageNet weights: download them here or drop a file, now or once they are ticked.`;
}
