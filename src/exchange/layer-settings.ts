/**
 * @file What a layer of a Keras configuration computes in inference, in Keras 3's terms whatever version wrote it.
 *
 * Defaults are Keras'. Keras 1 had other names for classes and settings: `Convolution2D`, `border_mode`, `subsample`.
 */

import { shortened } from '../base/shortened';

/** Settings that change what is computed, each as it is shown to the person. */
export type LayerSettings = Readonly<Record<string, string>>;

export type LayerMeaning =
  /** Does nothing in inference. */
  | { kind: 'identity' }
  /** One of the layers Thorax has, or one that it does not know: then `className` is the file's. */
  | { kind: 'layer'; className: string; settings: LayerSettings; activation: string };

type Settings = Readonly<Record<string, unknown>>;

/** Layers that act in training only, and those that only name or check. */
const IDENTITIES =
  /^(InputLayer|Identity|Dropout|SpatialDropout[12]D|AlphaDropout|Gaussian(Noise|Dropout)|ActivityRegularization|Random(Flip|Rotation|Zoom|Translation|Contrast|Brightness|Hue|Saturation|Sharpness|Shear|Perspective|Grayscale|Posterization|Invert|ColorJitter|ColorDegeneration|Erasing|ElasticTransform|GaussianBlur)|RandAugment|AugMix|MixUp|CutMix)$/;

const ALIASES: Record<string, string> = {
  Convolution2D: 'Conv2D',
  MaxPool2D: 'MaxPooling2D',
  AvgPool2D: 'AveragePooling2D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  SyncBatchNormalization: 'BatchNormalization',
};

const LINEAR = 'linear';

/**
 * What a layer computes in inference, by its class and its settings in the configuration.
 * @param className as in the file
 */
export function readLayer(className: string, settings: Settings): LayerMeaning {
  if (IDENTITIES.test(className)) return { kind: 'identity' };
  const name = ALIASES[className] ?? className;
  const layer = (own: Record<string, unknown>, activation = LINEAR, as = name): LayerMeaning => {
    const shown = Object.entries(own).map(([key, value]) => [key, readable(value)]);
    return { kind: 'layer', className: as, settings: Object.fromEntries(shown), activation };
  };
  const padding = settings.padding ?? settings.border_mode ?? 'valid';
  const activation = activationName(settings.activation);
  switch (name) {
    case 'Conv2D':
      return layer(
        {
          filters: settings.filters ?? settings.nb_filter,
          'kernel size': pair(settings.kernel_size ?? [settings.nb_row, settings.nb_col]),
          strides: pair(settings.strides ?? settings.subsample ?? 1),
          padding,
          'dilation rate': pair(settings.dilation_rate ?? 1),
          groups: settings.groups ?? 1,
          bias: settings.use_bias ?? settings.bias ?? true,
        },
        activation,
      );
    case 'BatchNormalization':
      return layer({
        axis: lastAxis(settings.axis ?? -1),
        epsilon: precise(settings.epsilon ?? 1e-3),
        gamma: settings.scale ?? true,
        beta: settings.center ?? true,
      });
    case 'MaxPooling2D':
    case 'AveragePooling2D': {
      const size = pair(settings.pool_size ?? 2);
      return layer({ 'pool size': size, strides: settings.strides ? pair(settings.strides) : size, padding });
    }
    case 'GlobalAveragePooling2D':
      return layer({ 'kept dimensions': settings.keepdims ?? false });
    case 'ZeroPadding2D':
      return layer({ padding: fourSides(settings.padding ?? 1) });
    case 'Concatenate':
      return layer({ axis: lastAxis(settings.axis ?? -1) });
    case 'Merge':
      return settings.mode === 'concat'
        ? layer({ axis: lastAxis(settings.concat_axis ?? -1) }, LINEAR, 'Concatenate')
        : layer({});
    case 'Flatten':
      return layer({});
    case 'Reshape':
      return Array.isArray(settings.target_shape) && settings.target_shape.length === 1
        ? layer({}, LINEAR, 'Flatten')
        : layer({});
    case 'Dense':
      return layer(
        { units: settings.units ?? settings.output_dim, bias: settings.use_bias ?? settings.bias ?? true },
        activation,
      );
    case 'Activation':
      return activation === LINEAR ? { kind: 'identity' } : layer({ activation });
    case 'ReLU':
      return layer({ activation: reluName(settings) }, LINEAR, 'Activation');
    case 'Softmax':
      return layer(
        {
          activation:
            lastAxis(settings.axis ?? -1) === 'last' ? 'softmax' : `softmax over axis ${readable(settings.axis)}`,
        },
        LINEAR,
        'Activation',
      );
    default:
      return { kind: 'layer', className: name, settings: {}, activation: LINEAR };
  }
}

/** True for a layer that predicts something else when it is called as in training. A frozen BatchNorm does not. */
export function differsInTraining({ className, trainable }: { className: string; trainable: boolean }): boolean {
  if ((ALIASES[className] ?? className) === 'BatchNormalization') return trainable;
  return IDENTITIES.test(className) && !/^(InputLayer|Identity|ActivityRegularization)$/.test(className);
}

/** True for layers that put channels before height and width, as Theano did. */
export function isChannelsFirst(settings: Settings): boolean {
  return settings.data_format === 'channels_first' || settings.dim_ordering === 'th';
}

/** A name, a function by name, or a layer object. */
function activationName(value: unknown): string {
  if (value === undefined || value === null) return LINEAR;
  if (typeof value !== 'object') return readable(value);
  const { class_name: className, config } = value as { class_name?: unknown; config?: unknown };
  if (typeof config === 'string') return readable(config);
  if (className === 'ReLU') return reluName((config ?? {}) as Settings);
  return typeof className === 'string' ? readable(className.toLowerCase()) : 'of its own';
}

/** Keras 2 and 3 write `null` or 0 for limits that are not there. */
function reluName({ max_value: most, negative_slope: slope, threshold }: Settings): string {
  const limits: [string, unknown][] = [
    ['at most', typeof most === 'number' ? most : null],
    ['slope', slope || null],
    ['threshold', threshold || null],
  ];
  const words = limits.filter(([, value]) => value !== null).map(([word, value]) => `${word} ${readable(value)}`);
  return words.length === 0 ? 'relu' : `relu (${words.join(', ')})`;
}

function pair(value: unknown): string {
  return words(Array.isArray(value) ? value : [value, value], 'x');
}

/** Top, bottom, left, right. */
function fourSides(value: unknown): unknown[] {
  const axes = Array.isArray(value) ? value : [value, value];
  return axes.flatMap((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
}

/** `last` for the channels of a batch of feature maps. */
function lastAxis(value: unknown): string {
  const axis = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return axis === -1 || axis === 3 ? 'last' : readable(axis);
}

/** To the precision in which versions of Keras agree; NaN for what is no number. */
function precise(value: unknown): number {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : Number.NaN;
}

/** More sides than any layer has, and deeper than any setting nests. */
const SHOWN_ITEMS = 8;
const SHOWN_DEPTH = 2;

/** A setting in few words, whatever stands there: a file may hold lists and objects of any length and depth. */
function readable(value: unknown, depth = SHOWN_DEPTH): string {
  if (value === undefined || value === null) return 'not stated';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return depth === 0 ? 'a list' : words(value, ',', depth - 1);
  return typeof value === 'object' ? 'an object' : shortened(String(value));
}

function words(values: readonly unknown[], between: string, depth = SHOWN_DEPTH): string {
  const shown = values.slice(0, SHOWN_ITEMS).map((value) => readable(value, depth));
  return (values.length > SHOWN_ITEMS ? [...shown, '…'] : shown).join(between);
}
