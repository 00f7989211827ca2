/**
 * @file The pretrained files Thorax knows: Keras' official ImageNet weights without the top.
 *
 * The list itself is pretrained-files.json, which the server of `npm start` reads too: names, addresses and MD5 sums as
 * published in keras/src/applications/vgg16.py, inception_v3.py and densenet.py. The notebook trains DenseNet121 from
 * random weights, so no recipe asks for the third.
 */

import type { NetworkId } from '../domain/network';
import files from './pretrained-files.json' with { type: 'json' };

export interface PretrainedFile {
  network: NetworkId;
  fileName: string;
  url: string;
  sizeBytes: number;
  /** As Keras publishes it, hexadecimal. */
  md5: string;
}

export const PRETRAINED_FILES: readonly PretrainedFile[] = files as PretrainedFile[];

/** The file of a network, or null when Keras publishes none. */
export function pretrainedFileOf(network: NetworkId): PretrainedFile | null {
  return PRETRAINED_FILES.find((file) => file.network === network) ?? null;
}
