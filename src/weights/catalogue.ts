/**
 * @file The pretrained files Thorax takes: Keras' official ImageNet weights without the top.
 *
 * Names, addresses and MD5 sums as published in keras/src/applications/vgg16.py, inception_v3.py and
 * densenet.py. The notebook trains DenseNet121 from random weights, so no recipe asks for the third.
 */

import type { NetworkId } from '../domain/network';

export interface PretrainedFile {
  network: NetworkId;
  fileName: string;
  url: string;
  sizeBytes: number;
  /** As Keras publishes it, hexadecimal. */
  md5: string;
}

export const PRETRAINED_FILES: readonly PretrainedFile[] = [
  {
    network: 'vgg16',
    fileName: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    sizeBytes: 58_889_256,
    md5: '6d6bbae143d832006294945121d1f1fc',
  },
  {
    network: 'inceptionv3',
    fileName: 'inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5',
    sizeBytes: 87_910_968,
    md5: 'bcbd6486424b2319ff4ef7d526e38f63',
  },
  {
    network: 'densenet121',
    fileName: 'densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5',
    sizeBytes: 29_084_464,
    md5: '30ee3e1110167f948a6b9946edeeb738',
  },
];

/** The file of a network, or null when Keras publishes none. */
export function pretrainedFileOf(network: NetworkId): PretrainedFile | null {
  return PRETRAINED_FILES.find((file) => file.network === network) ?? null;
}
