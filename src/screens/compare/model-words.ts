/** @file Sentences about a model that another program trained. */

import { describeScaling, type InputScaling, UNIT_SCALING } from '../../domain/input-scaling';
import type { ModelReading } from '../../domain/model-reading';
import { NETWORKS } from '../../domain/network';
import type { RunRecord } from '../../domain/run';
import type { ModelImport } from '../../state/models-store';

/** `pixels ÷ 255 assumed: the file does not state it`, or the scaling that the file states. */
export function scalingWords(scaling: InputScaling, isAssumed: boolean): string {
  const words = describeScaling(scaling);
  return isAssumed ? `${words} assumed: the file does not state it` : `${words}, as the file states`;
}

/** What a test of an imported model rests on, for its row: scaling, resizing, and what of the network is assumed. */
export function importedWords({ inputScaling, scalingAssumed, configurationAssumed, recipe }: RunRecord): string {
  const words = [
    scalingWords(inputScaling ?? UNIT_SCALING, scalingAssumed === true),
    `images resized ${recipe.interpolation === 'nearest' ? 'to the nearest pixel' : 'bilinearly'}`,
  ];
  if (configurationAssumed) words.push('activations and padding assumed: the file holds weights alone');
  return words.join('; ');
}

/** What the file was read as: `Read as VGG16, 3 classes, input 64 px; pixels ÷ 255 assumed: ...`. */
export function readingWords(reading: ModelReading, assumed: InputScaling): string {
  const { network, classCount, configuration, inputSize, inputScaling } = reading;
  const isAssumed = inputScaling.kind === 'assumed';
  const size = inputSize.kind === 'stated' ? `input ${inputSize.size} px` : 'input size not stated';
  const scaling = scalingWords(isAssumed ? assumed : inputScaling.scaling, isAssumed);
  const words = `Read as ${NETWORKS[network].name}, ${classCount} classes, ${size}; ${scaling}.`;
  if (configuration === 'stated') return words;
  return `${words} The file holds weights alone: its activations and padding are assumed to be those of ${NETWORKS[network].name} here. A whole model’s file states them.`;
}

/** The progress of an import; null when another sentence is shown. */
export function progressWords({ state }: ModelImport): string | null {
  switch (state) {
    case 'inLine':
      return 'Waiting for the files before it.';
    case 'reading':
      return 'Reading the file.';
    case 'waiting':
      return 'Read and stored. Waiting for the training to end: then it is tested.';
    case 'testing':
      return 'Testing it on the test images.';
    case 'asking':
    case 'imported':
    case 'refused':
      return null;
    default:
      return state satisfies never;
  }
}
