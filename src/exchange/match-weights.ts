/**
 * @file Finds every weight of a network, or of its base, in a Keras file, or lists everything that does not fit.
 *
 * Only names and shapes are looked at; the numbers are read later, one weight at a time, and checked to be finite.
 */

import type { WeightName, WeightSpec } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import { alignLayers, isDenseLayer, outlineLayers } from './align-layers';
import { type KerasLayer, type KerasWeight, type KerasWeightsFile, readWhole } from './keras-file';
import { parseWeightName } from './keras-weight-name';

export interface MatchedWeight {
  spec: WeightSpec;
  /** Row-major, Keras' axis order. @throws {StudioError} `bad-weights` when damaged or not finite. */
  read(): Promise<Float32Array<ArrayBuffer>>;
  /** The same numbers piece by piece, for weights that are too large to hold. */
  pieces(): AsyncIterable<Float32Array<ArrayBuffer>>;
}

export interface MatchedWeights {
  fileName: string;
  /** In the order of the specs asked for. */
  weights: MatchedWeight[];
  /** Frees the file. */
  close(): void;
}

interface Misfits {
  missing: string[];
  misshaped: string[];
  superfluous: KerasLayer[];
}

/**
 * Takes over `file`: it is closed when the match fails, and by `close` otherwise.
 * @param specs the weights asked for, in Keras' order: a whole network's, or its base's without the head
 * @param networkName as shown on screen
 * @param head `needed`: the file has to be these weights and no others. `ignored`: what stands on top of the base in the
 * file, ImageNet's classifier or a head of the person's own, is left out.
 * @param pairs the file's layers by our names, where its configuration states them; other layers of the file are left out
 * @throws {StudioError} `bad-weights`, naming every missing, misshaped and superfluous layer.
 */
export function matchWeights(
  specs: readonly WeightSpec[],
  file: KerasWeightsFile,
  networkName: string,
  head: 'needed' | 'ignored' = 'needed',
  pairs: ReadonlyMap<string, KerasLayer> | null = null,
): MatchedWeights {
  const misfits: Misfits = { missing: [], misshaped: [], superfluous: [] };
  const found = findWeights(specs, file, head, misfits, pairs);
  const sentence = describeMisfits(misfits, file.fileName, networkName);
  if (sentence !== null) {
    file.close();
    throw new StudioError('bad-weights', sentence);
  }
  return {
    fileName: file.fileName,
    weights: specs.map((spec) => {
      const weight = found.get(spec);
      if (!weight) throw new Error(`${spec.layer}/${spec.name} was neither found nor missed`);
      const pieces = () => finitePieces(weight, spec, file.fileName);
      return { spec, read: () => readWhole({ shape: spec.shape, pieces }), pieces };
    }),
    close: () => file.close(),
  };
}

/**
 * What a file holds on top of a base, in its order; null when the base is not in it as it has to be.
 * @param baseSpecs the weights of the base, in Keras' order
 */
export function layersOnBase(baseSpecs: readonly WeightSpec[], file: KerasWeightsFile): KerasLayer[] | null {
  const misfits: Misfits = { missing: [], misshaped: [], superfluous: [] };
  findWeights(baseSpecs, file, 'ignored', misfits);
  if (misfits.missing.length + misfits.misshaped.length + misfits.superfluous.length > 0) return null;
  const base = new Set(alignLayers(outlineLayers(baseSpecs), file).values());
  return file.layers.filter((layer) => layer.weights.length > 0 && !base.has(layer));
}

function findWeights(
  specs: readonly WeightSpec[],
  file: KerasWeightsFile,
  head: 'needed' | 'ignored',
  misfits: Misfits,
  known: ReadonlyMap<string, KerasLayer> | null = null,
) {
  const found = new Map<WeightSpec, KerasWeight>();
  const ours = outlineLayers(specs);
  const pairs = known ?? alignLayers(ours, file);
  const used = new Set(pairs.values());
  const lastUsed = file.layers.findLastIndex((layer) => used.has(layer));
  misfits.superfluous = file.layers.filter(
    (layer, index) =>
      !known &&
      layer.weights.some(({ name }) => !isRandomState(name)) &&
      !used.has(layer) &&
      !(head === 'ignored' && isOnTop(layer, index > lastUsed)),
  );

  for (const { name, weights: layerSpecs } of ours) {
    const layer = pairs.get(name);
    if (!layer) {
      misfits.missing.push(name);
      continue;
    }
    const label = layer.name === name ? name : `${name} (${layer.name} in the file)`;
    const unclaimed = new Map<WeightName | null, KerasWeight>();
    for (const weight of layer.weights) {
      const meaning = parseWeightName(weight.name);
      if (meaning === null || unclaimed.has(meaning)) misfits.misshaped.push(`${label} also holds ${weight.name}`);
      else unclaimed.set(meaning, weight);
    }
    for (const spec of layerSpecs) {
      const weight = unclaimed.get(spec.name);
      unclaimed.delete(spec.name);
      if (!weight) misfits.misshaped.push(`${label} has no ${spec.name}`);
      else if (!sameShape(weight.shape, spec.shape)) {
        misfits.misshaped.push(`${label} ${spec.name} is ${sides(weight.shape)}, not ${sides(spec.shape)}`);
      } else found.set(spec, weight);
    }
    for (const weight of unclaimed.values()) misfits.misshaped.push(`${label} also holds ${weight.name}`);
  }
  return found;
}

/**
 * True for what cannot belong to a base network: dense layers, and others behind the base. A convolution always counts:
 * VGG19 holds every layer of VGG16, and three more.
 */
function isOnTop(layer: KerasLayer, isBehind: boolean): boolean {
  return isDenseLayer(layer) || (isBehind && !layer.weights.some(({ shape }) => shape.length > 2));
}

/** True for the state of random numbers that augmenting layers keep in files of Keras 2. */
function isRandomState(name: string): boolean {
  return /(^|\/)(StateVar|seed_generator_state)(_\d+)?(:\d+)?$/.test(name);
}

/** Everything that does not fit in one sentence or a few, or null when all fits. */
function describeMisfits(misfits: Misfits, fileName: string, networkName: string): string | null {
  const { missing, misshaped } = misfits;
  const superfluous = misfits.superfluous.map(({ name }) => name);
  if (missing.length + misshaped.length === 0) {
    if (superfluous.length === 0) return null;
    return `${fileName} does not fit ${networkName}: it has layers that ${networkName} lacks: ${superfluous.join(', ')}.`;
  }
  const parts = [
    missing.length > 0 && `layers missing from the file: ${missing.join(', ')}`,
    misshaped.length > 0 && `layers that differ: ${misshaped.join('; ')}`,
    superfluous.length > 0 && `layers that ${networkName} lacks: ${superfluous.join(', ')}`,
  ].filter((part) => part !== false);
  return `${fileName} does not fit ${networkName}. ${parts.map(capitalized).join('. ')}.`;
}

async function* finitePieces(weight: KerasWeight, spec: WeightSpec, fileName: string) {
  for await (const piece of weight.pieces()) {
    if (!piece.every(Number.isFinite)) {
      const sentence = `${fileName} cannot be used: ${spec.layer} ${spec.name} holds numbers that are not finite.`;
      throw new StudioError('bad-weights', sentence);
    }
    yield piece;
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}

function sides(shape: readonly number[]): string {
  return shape.length === 0 ? 'a single number' : shape.join('x');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
