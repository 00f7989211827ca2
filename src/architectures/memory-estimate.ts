/**
 * @file How much of a device's memory a training step needs: what the schedule of its passes makes and frees, in bytes.
 *
 * Counted with our kernels registered. Not counted are what kernels need for themselves (parts of split sums) and what WebGPU's
 * buffer pool holds idle, together a few hundred MB at most; on the processor packed matrices and the threads' own memory.
 */

import { sizeOf, type WeightSpec } from '../domain/architecture';
import { type OptimizerSettings, type Recipe, slotCount } from '../domain/recipe';
import { type LayerNode, weightSpecs } from './graph';
import { factorsKernelGradient, masksGradient } from './layer-rules';
import { rowsOfParts } from './part-rows';
import { type BackwardStep, type ForwardStep, type PassSchedule, passSchedule } from './pass-schedule';
import type { Plan } from './plan';
import { stemSlices } from './stem-slices';

export interface MemoryEstimate {
  /** Weights, with the folded copies of frozen ones. */
  weightBytes: number;
  /** The optimizer's slots. */
  slotBytes: number;
  /** The most that lives at once during a step besides weights and slots. */
  passBytes: number;
  /** The sum. */
  totalBytes: number;
  /** The largest single buffer. */
  largestBufferBytes: number;
}

const FLOAT_BYTES = 4;

export interface MemoryQuestion {
  plan: Plan;
  optimizer: OptimizerSettings;
  /** With the batch's statistics nothing frozen is folded and the stem runs whole. */
  frozenBatchNorm: Recipe['frozenBatchNorm'];
}

/** @param batch images per step. */
export function estimateTrainingMemory(
  { plan, optimizer, frozenBatchNorm }: MemoryQuestion,
  batch: number,
): MemoryEstimate {
  const schedule = passSchedule(plan, { training: true, frozenBatchNorm, sharesBlocks: true });
  const specs = weightSpecs(plan.graph);
  const bytesOfAll = (some: WeightSpec[]) => some.reduce((sum, { shape }) => sum + bytesOf(shape), 0);
  const foldedKernels = [...schedule.stem, ...schedule.tail]
    .filter(({ making }) => making.kind === 'folded')
    .flatMap(({ node }) => node.weights.filter(({ name }) => name === 'kernel'));
  const weightBytes = bytesOfAll([...specs, ...foldedKernels]);
  const slotBytes = slotCount(optimizer) * bytesOfAll(specs.filter(({ trainable }) => trainable));
  const walk = new Walk(schedule, batch);
  walk.step();
  const partBytes = specs.map(({ shape }) => bytesOf([rowsOfParts(shape)[0], ...shape.slice(1)]));
  return {
    weightBytes,
    slotBytes,
    passBytes: walk.peak,
    totalBytes: weightBytes + slotBytes + walk.peak,
    largestBufferBytes: Math.max(walk.largest, ...partBytes),
  };
}

/** A buffer that several outputs may share. */
interface Storage {
  bytes: number;
  shares: number;
}

/** Follows a schedule with sizes instead of tensors. */
class Walk {
  peak = 0;
  largest = 0;
  private live = 0;
  private readonly outputs = new Map<string, Storage>();

  constructor(
    private readonly schedule: PassSchedule,
    private readonly batch: number,
  ) {}

  step(): void {
    const { stem, tail, plan } = this.schedule;
    const [first] = plan.graph.layers;
    // What the loop hands to the network; the caller's until the step ends.
    const images = this.make(this.batch * bytesOf(first.outputShape));
    const slices = stemSlices(this.schedule, this.batch);
    if (slices.length > 1) this.runSlices(stem, slices);
    else for (const step of stem) this.forward(step, this.batch, images);
    for (const step of tail) this.forward(step, this.batch, images);
    const last = plan.graph.layers[plan.graph.layers.length - 1];
    const gradients = new Map([[plan.graph.output, this.make(this.batch * bytesOf(last.outputShape))]]);
    for (const step of this.schedule.backward) this.backward(step, gradients);
    this.release(images);
  }

  /** Slices of one size take the same and leave the same, so of many only the first and the last are followed. */
  private runSlices(stem: ForwardStep[], slices: number[]): void {
    const pieces = new Map<string, Storage[]>();
    for (const [index, count] of slices.entries()) {
      const isBetween = index > 0 && slices[index - 1] === count && slices[index + 1] === count;
      if (isBetween) {
        for (const [, made] of pieces) made.push(this.make(made[index - 1].bytes));
        continue;
      }
      for (const step of stem) this.forward(step, count, null);
      for (const [name, piece] of this.outputs) pieces.set(name, [...(pieces.get(name) ?? []), piece]);
      this.outputs.clear();
    }
    for (const [name, parts] of pieces) {
      this.outputs.set(name, this.make(parts.reduce((sum, { bytes }) => sum + bytes, 0)));
      for (const part of parts) this.release(part);
    }
  }

  /** @param images the whole batch; null for a slice of it, which is a copy. */
  private forward(
    { node, making, sharesInput, storedShape, frees }: ForwardStep,
    count: number,
    images: Storage | null,
  ) {
    const shared = making.kind === 'input' ? images : sharesInput ? this.outputOf(node.inputs[0]) : null;
    this.outputs.set(node.name, shared ? share(shared) : this.make(count * bytesOf(storedShape)));
    this.free(frees);
  }

  private backward({ node, wants, inputs, sends, frees }: BackwardStep, gradients: Map<string, Storage>): void {
    const { byName } = this.schedule.plan.graph;
    const dy = gradients.get(node.name);
    if (!dy) throw new Error(`No gradient reached ${node.name}`);
    gradients.delete(node.name);
    const passing = [dy];
    const makeLike = (name: string) => this.make(this.batch * bytesOf(byName.get(name)?.outputShape ?? []));
    for (const { name, recomputedBy } of inputs) if (recomputedBy) passing.push(makeLike(name));
    if (masksGradient(node.config)) passing.push(this.make(dy.bytes));
    if (wants.weights) passing.push(this.make(weightGradientBytes(node)));
    for (const send of sends) {
      if (!send || send.arrives === 'addedByLayer') continue;
      const sent = send.sharesGradient ? share(dy) : makeLike(send.to);
      if (send.arrives === 'first') gradients.set(send.to, sent);
      else passing.push(sent);
    }
    for (const storage of passing) this.release(storage);
    this.free(frees);
  }

  private outputOf(name: string): Storage {
    const storage = this.outputs.get(name);
    if (!storage) throw new Error(`${name} is read after it was freed`);
    return storage;
  }

  private free(names: string[]): void {
    for (const name of names) {
      this.release(this.outputOf(name));
      this.outputs.delete(name);
    }
  }

  private make(bytes: number): Storage {
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
    this.largest = Math.max(this.largest, bytes);
    return { bytes, shares: 1 };
  }

  private release(storage: Storage): void {
    storage.shares -= 1;
    if (storage.shares === 0) this.live -= storage.bytes;
  }
}

function share(storage: Storage): Storage {
  storage.shares += 1;
  return storage;
}

/** Of a float32 tensor. */
function bytesOf(shape: readonly number[]): number {
  return FLOAT_BYTES * sizeOf(shape);
}

function weightGradientBytes({ config, weights }: LayerNode): number {
  const made = weights.filter(
    ({ name, trainable }) => trainable && !(name === 'kernel' && factorsKernelGradient(config)),
  );
  return made.reduce((sum, { shape }) => sum + bytesOf(shape), 0);
}
