/**
 * @file The comparisons with real Keras that every network goes through: outputs layer by layer, and training steps.
 *
 * The reference is Keras in float64. Each number of a fixture carries how far Keras in float32 is from that (`keras32`),
 * so that a tolerance is never widened by guess: ours must be below the tolerance, or, where rounding alone leads
 * Keras itself farther off than that, below three times Keras' own distance. See e2e/reference/README.md.
 */

import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { Graph } from '../architectures/graph';
import { type Plan, planGradientAt, planInference, planTraining } from '../architectures/plan';
import {
  type ReferenceStyle,
  readFixture,
  referenceWeight,
  relativeDistance,
  type Sketch,
} from '../base/reference-test-kit';
import { type WeightSpec, weightKey } from '../domain/architecture';
import type { NetworkId } from '../domain/network';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { backward, forward, outputOf, releasePass } from '../networks/execute';
import { referenceInput, referenceNetwork } from '../networks/keras-test-kit';
import { copyGradient, multiplyOut } from '../networks/weight-gradient';
import { softmaxCrossEntropy } from './loss';
import { createOptimizer } from './optimizer';

const FORWARD_TOLERANCE = 1e-4;
const TRAINING_TOLERANCE = 1e-3;

interface CaseHeader {
  network: NetworkId;
  inputSize: number;
  batch: number;
}

/** How far rounding leads Keras itself, relative to the number or the norm. */
interface Rounding {
  /** Float32 Keras from float64 Keras. */
  keras32: number;
}

type Mode = 'inference' | 'training';
type LayerLine = { layer: string } & Sketch & Rounding;

/** Compares the output of every layer, and the logits. A BatchNorm with a ReLU fused to it is seen through that. */
export async function expectLayersLikeKeras(text: string, mode: Mode): Promise<void> {
  const { header, lines } = readFixture<CaseHeader, LayerLine>(text);
  const network = referenceNetwork(buildNetwork(header.network, header.inputSize, 3));
  const plan = planKeepingAll(network.graph);
  const x = referenceInput('forward', header.batch, header.inputSize);
  const pass = forward(network, plan, x, { training: mode === 'training' });
  const findings = new Findings();
  for (const line of lines) {
    const name = line.layer === 'logits' ? network.graph.output : line.layer;
    if (plan.fused.has(name) && network.graph.byName.get(name)?.config.kind === 'batchNorm') continue;
    const values = await outputOf(pass, name).data<'float32'>();
    const distance = relativeDistance(`forward/${line.layer}`, values, line);
    findings.compare(`output of ${name}`, distance, line, FORWARD_TOLERANCE);
  }
  releasePass(pass);
  x.dispose();
  network.dispose();
  findings.expectNone();
}

/** The plan of inference with every output kept until the pass is released. */
function planKeepingAll(graph: Graph): Plan {
  return { ...planInference(graph), folded: new Map(), targets: new Set(graph.layers.map(({ name }) => name)) };
}

/**
 * Compares the last feature map and the logits of one image at the network's own input size.
 * @param part `base` computes only that on the device, and the dense layers of the head in float64, row by row: for an
 *   adapter that cannot hold the gigabyte of InceptionV3's first dense kernel.
 */
export async function expectFullSizeLikeKeras(text: string, part: 'whole' | 'base' = 'whole'): Promise<void> {
  const { header, lines } = readFixture<CaseHeader, LayerLine & { mode: Mode }>(text);
  const whole = buildNetwork(header.network, header.inputSize, 3);
  const network = referenceNetwork(part === 'base' ? baseOf(whole) : whole);
  const { graph } = network;
  const plan = planGradientAt(graph, graph.featureMap);
  const x = referenceInput('forward', header.batch, header.inputSize);
  const findings = new Findings();
  for (const mode of new Set(lines.map((line) => line.mode))) {
    const pass = forward(network, plan, x, { training: mode === 'training' });
    const featureMap = await outputOf(pass, graph.featureMap).data<'float32'>();
    const logits = part === 'base' ? headInFloat64(whole, featureMap) : await pass.logits.data<'float32'>();
    for (const line of lines.filter((candidate) => candidate.mode === mode)) {
      const values = line.layer === 'logits' ? logits : featureMap;
      const distance = relativeDistance(`forward/${line.layer}`, values, line);
      findings.compare(`${line.layer} in ${mode} mode`, distance, line, FORWARD_TOLERANCE);
    }
    releasePass(pass);
  }
  x.dispose();
  network.dispose();
  findings.expectNone();
}

/** Everything up to the last feature map. */
function baseOf(graph: Graph): Graph {
  const layers = graph.layers.filter(({ part }) => part === 'base');
  return { ...graph, layers, byName: new Map(layers.map((node) => [node.name, node])), output: graph.featureMap };
}

/** The head's dense layers in float64, from the flattened feature map to the logits. */
function headInFloat64({ layers }: Graph, featureMap: ArrayLike<number>): ArrayLike<number> {
  let values = featureMap;
  for (const { config, weights } of layers) {
    if (config.kind !== 'dense') continue;
    const [kernel, bias] = weights;
    const sums = Float64Array.from(referenceWeight(bias));
    for (let row = 0; row < values.length; row += 1) {
      if (values[row] === 0) continue;
      const factors = referenceWeight(kernel, {}, { start: row * config.units, stop: (row + 1) * config.units });
      for (let unit = 0; unit < config.units; unit += 1) sums[unit] += values[row] * factors[unit];
    }
    values = config.activation === 'relu' ? sums.map((value) => Math.max(value, 0)) : sums;
  }
  return values;
}

export interface TrainingOptions {
  /** How many of the fixture's steps to take; all if not given. Fewer leave out the movements, which are those of all steps. */
  steps?: number;
  /** Of each weight's gradient in step one, relative to its norm; 1e-3 if not given. */
  gradient?: number;
  /** Of each weight's movement in all steps, relative to that movement; 1e-3 if not given. */
  movement?: number;
  /** Losses may be as far off as rounding has led Keras by then: for the case that is chaotic in float64 too. */
  chaotic?: boolean;
}

interface TrainingHeader extends CaseHeader {
  style: ReferenceStyle;
  seed: number;
  /** The loaded statistics if not given. */
  frozenBatchNorm?: Recipe['frozenBatchNorm'];
}

type StepLine = { step: number; labels: number[]; loss: number; nudged: number } & Rounding;
const PARTS = ['gradient', 'change', 'statistic'] as const;
type WeightLine = { [Part in (typeof PARTS)[number]]?: string } & Sketch & Rounding;

/**
 * Steps of the network's own optimizer: losses, gradients of step one, changes of weights and of moving statistics. The
 * weights themselves must be within 1e-3 in any case.
 */
export async function expectTrainingLikeKeras(text: string, options: TrainingOptions = {}): Promise<void> {
  const { header, lines } = readFixture<TrainingHeader, StepLine | WeightLine>(text);
  const { network: id, inputSize, batch, style, seed, frozenBatchNorm } = header;
  const network = referenceNetwork(buildNetwork(id, inputSize, 3), { style, seed });
  const optimizer = createOptimizer(notebookRecipe(id).optimizer);
  const plan = planTraining(network.graph);
  const findings = new Findings();
  const lossFindings = new Findings();
  const found = new Map<string, Float32Array>();

  const { steps = Number.POSITIVE_INFINITY } = options;
  let rounding = 0;
  for (const line of lines) {
    if (!('step' in line) || line.step > steps) continue;
    const x = referenceInput(`step${line.step - 1}`, batch, inputSize, seed);
    const pass = forward(network, plan, x, { training: true, frozenBatchNorm });
    const { losses, correct, dLogits } = softmaxCrossEntropy(pass.logits, line.labels);
    optimizer.beginStep();
    const gradients: [WeightSpec, tf.Tensor][] = [];
    backward(pass, dLogits, (spec, gradient) => {
      if (line.step === 1) gradients.push([spec, multiplyOut(copyGradient(gradient))]);
      optimizer.apply(network, spec, gradient);
    });
    optimizer.endStep();
    for (const [spec, gradient] of gradients)
      found.set(`gradient/${weightKey(spec)}`, await gradient.data<'float32'>());
    const loss = (await losses.data<'float32'>()).reduce((sum, value) => sum + value, 0) / batch;
    rounding = options.chaotic ? Math.max(rounding, line.keras32, line.nudged) : line.keras32;
    const distance = Math.abs(loss / line.loss - 1);
    lossFindings.compare(`loss of step ${line.step}`, distance, { keras32: rounding }, TRAINING_TOLERANCE);
    tf.dispose([x, losses, correct, dLogits, ...gradients.map(([, gradient]) => gradient)]);
  }
  const norms = new Map<string, number>();
  for (const [spec, { parts }] of network.entries()) {
    const before = referenceWeight(spec, { style, seed });
    const after = await joined(parts);
    const key = `${spec.trainable ? 'change' : 'statistic'}/${weightKey(spec)}`;
    found.set(
      key,
      after.map((value, i) => value - before[i]),
    );
    norms.set(key, normOf(after));
  }
  // Gradients from the output back, as they are computed: the first that is off names the layer at fault.
  const complete = lines.every((line) => !('step' in line) || line.step <= steps);
  const weightLines = lines.filter(
    (line): line is WeightLine => !('step' in line) && (complete || line.gradient !== undefined),
  );
  const gradientLines = weightLines.filter((line) => line.gradient !== undefined).toReversed();
  // Rounding puts a ReLU on the other side of its kink, in float32 Keras too, but another one there; all gradients before it
  // are then off together. How far a single one is off is luck, so what is usual at this seed is granted to each.
  const usual = medianOf(gradientLines.map(({ keras32 }) => keras32));
  for (const line of [...gradientLines, ...weightLines.filter((other) => other.gradient === undefined)]) {
    const part = PARTS.find((name) => line[name] !== undefined);
    if (!part) continue;
    const key = `${part}/${line[part]}`;
    const distance = relativeDistance(key, found.get(key) ?? [], line);
    const { gradient, movement } = options;
    const tolerance = { gradient, change: movement, statistic: undefined }[part] ?? TRAINING_TOLERANCE;
    const keras32 = part === 'gradient' ? Math.max(line.keras32, usual) : line.keras32;
    findings.compare(key, distance, { keras32 }, tolerance);
    if (part === 'gradient') continue;
    const moved = 'values' in line ? normOf(line.values) : line.norm;
    findings.compare(
      `${line[part]} itself`,
      (distance * moved) / (norms.get(key) ?? 0),
      { keras32: 0 },
      TRAINING_TOLERANCE,
    );
  }
  optimizer.dispose();
  network.dispose();
  lossFindings.expectNone();
  findings.expectNone({ outliers: true });
}

/** A large kernel lies in parts, by rows. */
async function joined(parts: readonly tf.Tensor[]): Promise<Float32Array> {
  const pieces = await Promise.all(parts.map((part) => part.data<'float32'>()));
  if (pieces.length === 1) return pieces[0];
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function normOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i] ** 2;
  return Math.sqrt(squares);
}

/**
 * Of some hundred comparisons one may be off by luck at some seeds: rounding puts a ReLU on the other side of its kink at a
 * place where it did in none of Keras' own runs. A wrong formula is off at its layer and at all before it, and by more.
 */
const OUTLIERS = { share: 0.01, most: 10 };

/** Comparisons that failed, in the order they were made, so that the first layer that is off heads the message. */
class Findings {
  private readonly failed: { text: string; excess: number }[] = [];
  private count = 0;

  compare(name: string, distance: number, { keras32 }: Rounding, tolerance: number): void {
    this.count += 1;
    // Past 1 the number itself is zero but for rounding (a shift that the next BatchNorm takes out again): ours must be, too.
    const excess = distance / Math.max(tolerance, (keras32 > 1 ? 30 : 3) * keras32);
    if (excess < 1) return;
    const text = `${name}: off by ${distance.toExponential(1)} (float32 Keras by ${keras32.toExponential(1)})`;
    this.failed.push({ text, excess });
  }

  /** @param outliers whether {@link OUTLIERS} are granted. */
  expectNone({ outliers = false } = {}): void {
    expect(this.count).toBeGreaterThan(0);
    const isLuck =
      this.failed.length <= this.count * OUTLIERS.share && this.failed.every(({ excess }) => excess < OUTLIERS.most);
    if (outliers && isLuck) return;
    const summary = `${this.failed.length} of ${this.count} comparisons with Keras failed`;
    expect(
      this.failed.slice(0, 20).map(({ text }) => text),
      summary,
    ).toEqual([]);
  }
}
