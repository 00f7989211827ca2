/** @file The four networks by name, and what a screen may know of one without touching a tensor. */

export const NETWORK_IDS = ['baseline', 'vgg16', 'inceptionv3', 'densenet121'] as const;

export type NetworkId = (typeof NETWORK_IDS)[number];

export interface NetworkFacts {
  id: NetworkId;
  /** Name on screen and in tables. */
  name: string;
  /** Side of the square input the notebook uses, pixels. */
  nativeInputSize: number;
  /** Least side its paddings allow, pixels. */
  minInputSize: number;
  /** Takes Keras' ImageNet weights in the notebook's recipe. */
  pretrained: boolean;
  /** One line for the card on the training screen. */
  summary: string;
  /** What the notebook reports for it. */
  notebook: { testAccuracy: number; timeSeconds: number };
}

export const NETWORKS: Record<NetworkId, NetworkFacts> = {
  baseline: {
    id: 'baseline',
    name: 'Baseline',
    nativeInputSize: 224,
    minInputSize: 3,
    pretrained: false,
    summary: 'One convolution and one dense layer: the bar the others must clear.',
    notebook: { testAccuracy: 0.533, timeSeconds: 210.9 },
  },
  vgg16: {
    id: 'vgg16',
    name: 'VGG16',
    nativeInputSize: 224,
    minInputSize: 32,
    pretrained: true,
    summary: 'Sixteen plain layers; ImageNet weights, blocks 4 and 5 and the head are trained.',
    notebook: { testAccuracy: 0.844, timeSeconds: 627.2 },
  },
  inceptionv3: {
    id: 'inceptionv3',
    name: 'InceptionV3',
    nativeInputSize: 299,
    minInputSize: 75,
    pretrained: true,
    summary: 'Parallel paths of many sizes; ImageNet weights, trained after mixed7.',
    notebook: { testAccuracy: 0.711, timeSeconds: 1056.1 },
  },
  densenet121: {
    id: 'densenet121',
    name: 'DenseNet121',
    nativeInputSize: 224,
    minInputSize: 32,
    pretrained: false,
    summary: 'Every layer sees all before it; trained whole, from random weights.',
    notebook: { testAccuracy: 0.867, timeSeconds: 346.6 },
  },
};
