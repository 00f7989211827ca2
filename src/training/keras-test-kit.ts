/**
 * @file The comparisons with real Keras that every network goes through: outputs layer by layer, and five training steps.
 *
 * The reference is Keras in float64. Each number of a fixture carries how far Keras in float32 is from that (`keras32`),
 * so that a tolerance is never widened by guess: ours must be below the tolerance, or, where rounding alone leads
 * Keras itself farther off than that, below three times Keras' own distance.
 */

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { expect } from 'vitest';
import {
  type ReferenceStyle,
  readFixture,
  referenceWeight,
  relativeDistance,
  type Sketch,
} from '../base/reference-test-kit';
import { type WeightSpec, weightKey } from '../domain/architecture';
import type { NetworkId } from '../domain/network';
import { notebookRecipe } from '../domain/recipe';
import { registerKernels, unregisterKernels } from '../kernels/register';
import { backward, forward, outputOf, releasePass } from '../networks/execute';
import type { Graph } from '../networks/graph';
import { referenceInput, referenceNetwork } from '../networks/keras-test-kit';
import { type Plan, planInference, planTraining } from '../networks/plan';
import { softmaxCrossEntropy } from './loss';
import { createOptimizer } from './optimizer';

const FORWARD_TOLERANCE = 1e-4;
const TRAINING_TOLERANCE = 1e-3;

export type Kernels = 'ours' | 'stock';

/** WebGPU with our kernels or with TensorFlow.js' own, as worker/gpu.ts sets it up. */
export async function startKernels(kernels: Kernels): Promise<void> {
  await tf.setBackend('webgpu');
  await tf.ready();
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (kernels === 'ours') registerKernels();
  else unregisterKernels();
}

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

type LayerLine = { layer: string } & Sketch & Rounding;

/** Compares the output of every layer, and the logits. A ReLU's BatchNorm is fused with it and seen through it. */
export async function expectLayersLikeKeras(text: string, mode: 'inference' | 'training'): Promise<void> {
  const { header, lines } = readFixture<CaseHeader, LayerLine>(text);
  const network = referenceNetwork(header.network, header.inputSize);
  const { graph } = network;
  const plan = planKeepingAll(graph);
  const x = referenceInput('forward', header.batch, header.inputSize);
  const pass = forward(network, plan, x, { training: mode === 'training' });
  const wrong = new Findings();
  for (const line of lines) {
    const isLogits = line.layer === 'logits';
    const name = isLogits ? graph.output : line.layer;
    if (plan.fused.has(name) && graph.byName.get(name)?.config.kind === 'batchNorm') continue;
    const values = await outputOf(pass, name).data<'float32'>();
    wrong.compare(
      `output of ${name}`,
      relativeDistance(`forward/${line.layer}`, values, line),
      line,
      FORWARD_TOLERANCE,
    );
  }
  releasePass(pass);
  x.dispose();
  network.dispose();
  wrong.expectNone(lines.length);
}

/** The plan of inference with every output kept until the pass is released. */
function planKeepingAll(graph: Graph): Plan {
  const plan = planInference(graph);
  const names = graph.layers.map(({ name }) => name);
  return {
    ...plan,
    targets: new Set(names),
    reads: new Map(names.map((name) => [name, (plan.reads.get(name) ?? 0) + 1])),
  };
}

type LogitsLine = { mode: 'inference' | 'training'; logits: number[][] } & Rounding;

/** Compares the logits of one picture at the network's own input size. */
export async function expectLogitsLikeKeras(text: string): Promise<void> {
  const { header, lines } = readFixture<CaseHeader, LogitsLine>(text);
  const network = referenceNetwork(header.network, header.inputSize);
  const x = referenceInput('forward', header.batch, header.inputSize);
  const wrong = new Findings();
  for (const line of lines) {
    const pass = forward(network, planInference(network.graph), x, { training: line.mode === 'training' });
    const values = await pass.logits.data<'float32'>();
    releasePass(pass);
    const distance = relativeDistance('logits', values, { values: line.logits.flat() });
    wrong.compare(`logits in ${line.mode} mode`, distance, line, FORWARD_TOLERANCE);
  }
  x.dispose();
  network.dispose();
  wrong.expectNone(lines.length);
}

type StepLine = { step: number; labels: number[]; loss: number } & Rounding;
type WeightPart = 'gradient' | 'change' | 'statistic';
type WeightLine = { [Part in WeightPart]?: string } & Sketch & Rounding;

/**
 * Five steps of the network's own optimizer: losses, gradients of step one, changes of weights and moving statistics.
 */
export async function expectTrainingLikeKeras(text: string): Promise<void> {
  const { header, lines } = readFixture<CaseHeader & { style: ReferenceStyle }, StepLine | WeightLine>(text);
  const { network: id, inputSize, batch, style } = header;
  const steps = lines.filter((line): line is StepLine => 'step' in line);
  const weightLines = lines.filter((line): line is WeightLine => !('step' in line));
  const network = referenceNetwork(id, inputSize, style);
  const optimizer = createOptimizer(notebookRecipe(id).optimizer);
  const plan = planTraining(network.graph);
  const wrong = new Findings();
  const found = new Map<string, Float32Array>();

  for (const line of steps) {
    const x = referenceInput(`step${line.step - 1}`, batch, inputSize);
    const pass = forward(network, plan, x, { training: true });
    const { losses, correct, dLogits } = softmaxCrossEntropy(pass.logits, line.labels);
    optimizer.beginStep();
    const gradients: [WeightSpec, tf.Tensor][] = [];
    backward(pass, dLogits, (spec, gradient) => {
      if (line.step === 1) gradients.push([spec, gradient.clone()]);
      optimizer.apply(network, spec, gradient);
    });
    for (const [spec, gradient] of gradients) found.set(`gradient/${weightKey(spec)}`, await readOut(gradient));
    const loss = (await readOut(losses.clone())).reduce((sum, value) => sum + value, 0) / batch;
    wrong.compare(`loss of step ${line.step}`, Math.abs(loss / line.loss - 1), line, TRAINING_TOLERANCE);
    tf.dispose([x, losses, correct, dLogits]);
  }
  for (const [spec, tensor] of network.entries()) {
    const before = referenceWeight(spec, style);
    const after = await tensor.data<'float32'>();
    const part = spec.trainable ? 'change' : 'statistic';
    found.set(
      `${part}/${weightKey(spec)}`,
      after.map((value, i) => value - before[i]),
    );
  }
  for (const line of weightLines) {
    const part = (['gradient', 'change', 'statistic'] as const).find((name) => line[name] !== undefined) ?? 'gradient';
    const key = `${part}/${line[part]}`;
    const values = found.get(key) ?? [];
    wrong.compare(key, relativeDistance(key, values, line), line, TRAINING_TOLERANCE);
  }
  optimizer.dispose();
  network.dispose();
  wrong.expectNone(lines.length);
}

async function readOut(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data<'float32'>()).slice();
  tensor.dispose();
  return values;
}

/** Comparisons that failed, in the order they were made, so that the first layer that is off heads the message. */
class Findings {
  private readonly failed: string[] = [];
  private count = 0;
  readonly all: [number, number, string][] = [];

  compare(name: string, distance: number, { keras32 }: Rounding, tolerance: number): void {
    this.count += 1;
    this.all.push([distance, keras32, name]);
    if (distance < Math.max(tolerance, 3 * keras32)) return;
    this.failed.push(`${name}: off by ${distance.toExponential(1)} (float32 Keras by ${keras32.toExponential(1)})`);
  }

  expectNone(atLeast: number): void {
    const sorted = [...this.all].sort((a, b) => b[0] - a[0]);
    const ratio = [...this.all].sort((a, b) => b[0] / Math.max(b[1], 1e-6) - a[0] / Math.max(a[1], 1e-6));
    console.log(
      atLeast,
      this.count,
      'median',
      sorted[sorted.length >> 1],
      'worst',
      JSON.stringify(sorted.slice(0, 5)),
      'ratio',
      JSON.stringify(ratio.slice(0, 5)),
      'losses',
      JSON.stringify(this.all.filter((a) => a[2].startsWith('loss'))),
    );
    expect(this.failed.slice(0, 20), `${this.failed.length} of ${this.count} comparisons with Keras failed`).toEqual(
      [],
    );
  }
}
