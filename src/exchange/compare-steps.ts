/** @file Whether a model computes what a network computes: layer by layer, with every difference in words. */

import { shortened } from '../base/shortened';
import type { ConfiguredLayer } from './keras-topology';
import { INPUT, type Step } from './model-steps';

export interface StepComparison {
  /** The file's layer for each of ours that was found, by our name. */
  pairs: Map<string, ConfiguredLayer>;
  /** Each names the layer, what was found and what is expected. Empty where the model is the network. */
  differences: string[];
  /** How many of our steps, counted from the first, the file has too. */
  soundCount: number;
}

/**
 * Compares the steps of two models one by one, and stops where their structure differs.
 * @param theirs the file's steps, first to last
 * @param ours the network's, or its first ones
 * @param whole false where the file may have more steps behind ours
 */
export function compareSteps(theirs: readonly Step[], ours: readonly Step[], whole: boolean): StepComparison {
  const pairs = new Map<string, ConfiguredLayer>();
  const differences: string[] = [];
  let soundCount = ours.length;
  /** The file's names of our steps. */
  const names = new Map([[INPUT, INPUT]]);
  for (const [place, own] of ours.entries()) {
    const their = theirs.at(place);
    if (!their || their.className !== own.className || !sameInputs(their, own, names)) {
      const before = theirs.find(({ name }) => name === names.get(own.inputs[0]));
      differences.push(describeChange(their, own, before));
      return { pairs, differences, soundCount: Math.min(soundCount, place) };
    }
    names.set(own.name, their.name);
    if (!pairs.has(own.layer.name)) pairs.set(own.layer.name, their.layer);
    for (const [setting, expected] of Object.entries(own.settings)) {
      const found = their.settings[setting];
      if (found === expected) continue;
      soundCount = Math.min(soundCount, place);
      differences.push(`${layerWords(their)} has ${setting} ${found}, expected ${expected}`);
    }
  }
  const next = theirs.at(ours.length);
  if (whole && next) differences.push(`found ${stepWords(next)} behind the last layer, expected nothing there`);
  return { pairs, differences, soundCount };
}

function sameInputs(their: Step, own: Step, names: ReadonlyMap<string, string>): boolean {
  return (
    their.inputs.length === own.inputs.length && own.inputs.every((input, i) => names.get(input) === their.inputs[i])
  );
}

/** @param before the file's step that stands for the one our step reads */
function describeChange(their: Step | undefined, own: Step, before: Step | undefined): string {
  const isSetting = own.className === 'Activation';
  if (isSetting && before && their?.className !== 'Activation') {
    return `${layerWords(before)} has no activation, expected ${own.settings.activation}`;
  }
  if (!their) return `the model ends before ${stepWords(own)}`;
  if (their.className === 'Activation' && isOwnActivation(their)) {
    return `${layerWords(their)} has activation ${their.settings.activation}, expected none`;
  }
  if (their.className === own.className) {
    return `${stepWords(their)} reads other layers than ${stepWords(own)} does`;
  }
  return `found ${stepWords(their)}, expected ${stepWords(own)}`;
}

/** True for an activation that is a setting of another layer. */
function isOwnActivation({ layer }: Step): boolean {
  return !['Activation', 'ReLU', 'Softmax'].includes(layer.className);
}

/** `conv2d_4 (Conv2D)`. */
function layerWords({ layer }: Step): string {
  return `${shortened(layer.name)} (${shortened(layer.className)})`;
}

function stepWords(step: Step): string {
  if (step.className !== 'Activation') return layerWords(step);
  return isOwnActivation(step)
    ? `activation ${step.settings.activation} of ${shortened(step.layer.name)}`
    : `${shortened(step.layer.name)} (activation ${step.settings.activation})`;
}
