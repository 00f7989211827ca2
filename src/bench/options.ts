/** @file What a benchmark run measures, from the words after `npm run bench --`. */

import { DEVICE_KINDS, type DeviceKind } from '../domain/device';
import { StudioError } from '../domain/failure';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { MEASURED_SIDES, type MeasuredSide } from './side-name';

export interface BenchOptions {
  /** What ours computes on. */
  device: DeviceKind;
  /** Threads of the processor; null: as many as it has. */
  threads: number | null;
  /** What is measured in turn; null: ours beside stock on WebGPU, ours beside ours on WebGPU on the processor. */
  sides: MeasuredSide[] | null;
  networks: NetworkId[];
  /** Pixels; null: the notebook's size on a GPU, a small one where the processor plays it. */
  inputSize: number | null;
  /** Images per step; null: the notebook's on a GPU, a small number where the processor plays it. */
  batch: number | null;
  /** Readings of each side. */
  steps: number | null;
  /** Kernels one by one instead of whole steps. */
  kernels: boolean;
  /** Shapes of each kernel and network, the costliest first. */
  shapes: number | null;
  /** Take this many of our steps in a row and watch memory, instead of any comparison. */
  soakSteps: number | null;
  /** Random transforms and noise before each step, as the recipe has them. */
  augmentation: boolean;
  /** File to which the numbers are written as JSON. */
  jsonPath: string | null;
  /** File with Keras' numbers, to stand beside ours. */
  kerasPath: string | null;
  /** Wait for a person's own browser instead of starting one. */
  open: boolean;
}

/** Below the batches of one epoch of our-trainer.ts. */
const MOST_SOAK_STEPS = 3900;
const MOST_THREADS = 64;

export const USAGE = `Options:
  --network NAMES    which networks, with commas: ${NETWORK_IDS.join(',')} (all)
  --device NAME      what ours computes on: ${DEVICE_KINDS.join(', ')} (webgpu)
  --threads N        of the processor (as many as it has, 32 at most; one in Node)
  --sides NAMES      what is measured in turn, with commas: ${MEASURED_SIDES.join(',')}; the last two on WebGPU, with our kernels and with
                     TensorFlow.js' own (ours,stock; ours,webgpu with --device processor, in Node ours)
  --input-size N     pixels (the notebook's on a GPU; 64 for the baseline, 32 for VGG16 and DenseNet121, 75 for InceptionV3
                     where the processor plays it; 224, InceptionV3 150 on the processor)
  --batch N          images a step (32 on a GPU; 4 where the processor plays it; 8 on the processor, baseline 32)
  --steps N          readings of each side (10 on a GPU; 3 where the processor computes)
  --kernels          the kernels of a step one by one, at the shapes that step has
  --shapes N         with --kernels: so many shapes of each kernel and network, the costliest first (5; 3)
  --soak N           N steps of ours: fails if memory grows, a loss is not finite or the device complains
                     (by default at 32 px, InceptionV3 75, batch 2)
  --skip-stock       ours alone: the same as --sides ours
  --no-augmentation  the step without the random transforms and the noise before it
  --json PATH        also writes the numbers there
  --keras PATH       puts Keras' numbers beside ours, from a file that e2e/reference/bench_keras.py wrote
  --open             prints an address for your own browser instead of starting one (npm run bench)
  --help             prints this`;

/** @throws {StudioError} bad-input with a sentence for the person. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const options: BenchOptions = {
    device: 'webgpu',
    threads: null,
    sides: null,
    networks: [...NETWORK_IDS],
    inputSize: null,
    batch: null,
    steps: null,
    kernels: false,
    shapes: null,
    soakSteps: null,
    augmentation: true,
    jsonPath: null,
    kerasPath: null,
    open: false,
  };
  const rest = words.flatMap((word) => (/^--[^=]+=/.test(word) ? splitOnce(word) : [word]));
  while (rest.length > 0) {
    const word = rest.shift() ?? '';
    const value = () => {
      const next = rest.shift();
      if (next === undefined || next.startsWith('--')) throw refused(`${word} needs a value.`);
      return next;
    };
    if (word === '--network') options.networks = networksOf(value());
    else if (word === '--input-size') options.inputSize = wholeNumber(word, value(), 1024);
    else if (word === '--batch') options.batch = wholeNumber(word, value(), 512);
    else if (word === '--steps') options.steps = wholeNumber(word, value(), 100);
    else if (word === '--kernels') options.kernels = true;
    else if (word === '--shapes') options.shapes = wholeNumber(word, value(), 100);
    else if (word === '--soak') options.soakSteps = wholeNumber(word, value(), MOST_SOAK_STEPS);
    else if (word === '--json') options.jsonPath = value();
    else if (word === '--keras') options.kerasPath = value();
    else if (word === '--device') options.device = nameOf('device', value(), DEVICE_KINDS);
    else if (word === '--threads') options.threads = wholeNumber(word, value(), MOST_THREADS);
    else if (word === '--sides') options.sides = sidesOf(value());
    else if (word === '--skip-stock') options.sides = ['ours'];
    else if (word === '--no-augmentation') options.augmentation = false;
    else if (word === '--open') options.open = true;
    else throw refused(`The benchmark does not know ${word}.`);
  }
  if (options.kernels && options.soakSteps !== null) throw refused('--kernels and --soak are two runs.');
  if (options.threads !== null && options.device !== 'processor')
    throw refused('--threads are those of --device processor.');
  if (options.device === 'webgpu' && options.sides?.includes('webgpu'))
    throw refused('On WebGPU ours is the side webgpu.');
  const leasts = options.networks.map((id) => NETWORKS[id].minInputSize);
  const { inputSize } = options;
  if (inputSize !== null && leasts.every((least) => inputSize < least))
    throw refused(`--input-size must be at least ${Math.min(...leasts)} for this; ${inputSize} is too small.`);
  return options;
}

function splitOnce(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function networksOf(list: string): NetworkId[] {
  return list.split(',').map((name) => nameOf('network', name, NETWORK_IDS));
}

/** Ours is always among them, first. */
function sidesOf(list: string): MeasuredSide[] {
  const named = list.split(',').map((name) => nameOf('side', name, MEASURED_SIDES));
  return MEASURED_SIDES.filter((side) => side === 'ours' || named.includes(side));
}

function nameOf<Name extends string>(what: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text.trim().toLowerCase());
  if (!found) throw refused(`There is no ${what} ${text}; there are ${names.join(', ')}.`);
  return found;
}

function wholeNumber(word: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw refused(`${word} must be a whole number between 1 and ${max}; ${text} is not.`);
}

function refused(sentence: string): StudioError {
  return new StudioError('bad-input', `${sentence}\n\n${USAGE}`);
}
