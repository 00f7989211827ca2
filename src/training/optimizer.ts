/**
 * @file Keras' Adam and SGD, one weight at a time.
 *
 * The backward pass hands over each gradient as it appears; it is applied and freed before the next is computed, so
 * memory never holds more than one. Where our kernels are registered the update happens in place in one dispatch, and the
 * gradient of a dense kernel is multiplied out inside it.
 */

import * as tf from '@tensorflow/tfjs';
import { type WeightSpec, weightKey } from '../domain/architecture';
import { type OptimizerSettings, slotNames } from '../domain/recipe';
import { hasKernel } from '../networks/layers/run-kernel';
import type { Network } from '../networks/network';
import { disposeParts, type SplitTensor } from '../networks/split-tensor';
import { FactoredGradient, type WeightGradient } from '../networks/weight-gradient';

export interface Optimizer {
  /** Call once before the gradients of a step. */
  beginStep(): void;
  /** Updates the weight, by {@link Optimizer.endStep} at the latest; owns and frees the gradient. */
  apply(network: Network, spec: WeightSpec, gradient: WeightGradient): void;
  /** Call once after them. */
  endStep(): void;
  /** Makes the slots of all trainable weights, which are otherwise made with the first gradients. */
  prepare(network: Network): void;
  /**
   * Fills the slots of all trainable weights, as {@link Optimizer.slots} named them, part by part.
   * @param read gives `length` values of a slot, from index `start` on.
   */
  load(network: Network, read: (key: string, start: number, length: number) => Promise<Float32Array>): Promise<void>;
  /** Steps taken. */
  step: number;
  /** Slot tensors by key (`block4_conv1/kernel/m`), in parts as their weights are; the optimizer owns them. */
  readonly slots: ReadonlyMap<string, SplitTensor>;
  dispose(): void;
}

/** The optimizer of a recipe, before its first step. */
export function createOptimizer(settings: OptimizerSettings): Optimizer {
  return settings.kind === 'adam' ? new Adam(settings) : new Sgd(settings);
}

/** One part of a weight and where its rows stand in the whole. */
interface Part {
  network: Network;
  spec: WeightSpec;
  index: number;
  value: tf.Tensor;
  firstRow: number;
}

/** Weights of at most this many elements wait for others and are updated together in one dispatch. */
const SMALL_SIZE = 2 ** 18;

/** One weight that does not divide into vectors of four would slow down all that are updated with it. */
function canWait({ size }: tf.Tensor): boolean {
  return size <= SMALL_SIZE && size % 4 === 0;
}

abstract class SlotOptimizer implements Optimizer {
  step = 0;
  readonly slots = new Map<string, SplitTensor>();
  private waiting: { part: Part; gradient: tf.Tensor }[] = [];

  constructor(settings: OptimizerSettings) {
    this.slotNames = slotNames(settings);
  }

  beginStep(): void {
    this.step += 1;
  }

  prepare(network: Network): void {
    for (const [spec, { parts }] of network.entries()) {
      if (!spec.trainable) continue;
      for (const [index, value] of parts.entries()) {
        this.slotsOf({ network, spec, index, value, firstRow: 0 });
      }
    }
  }

  async load(
    network: Network,
    read: (key: string, start: number, length: number) => Promise<Float32Array>,
  ): Promise<void> {
    this.prepare(network);
    for (const [key, { parts }] of this.slots) {
      let start = 0;
      for (const [index, part] of parts.entries()) {
        const values = await read(key, start, part.size);
        const { shape } = part;
        part.dispose();
        parts[index] = tf.keep(tf.tensor(values, shape));
        start += part.size;
      }
    }
  }

  apply(network: Network, spec: WeightSpec, gradient: WeightGradient): void {
    const isTensor = !(gradient instanceof FactoredGradient);
    if (isTensor && canWait(gradient) && hasKernel(this.many.kernel)) {
      const part = { network, spec, index: 0, value: network.weight(spec), firstRow: 0 };
      this.waiting.push({ part, gradient });
      if (this.waiting.length === this.many.most) this.moveWaiting();
      return;
    }
    let firstRow = 0;
    for (const [index, value] of network.split(spec).parts.entries()) {
      const part = { network, spec, index, value, firstRow };
      if (!(gradient instanceof FactoredGradient)) {
        this.applyTensor(part, gradient);
      } else if (!this.applyFactors(part, gradient)) {
        const rows = gradient.rows(firstRow, value.shape[0]);
        this.applyTensor(part, rows);
        rows.dispose();
      }
      firstRow += value.shape[0];
    }
    gradient.dispose();
  }

  endStep(): void {
    this.moveWaiting();
  }

  private moveWaiting(): void {
    const inputs: Record<string, tf.Tensor> = {};
    for (const [place, { part, gradient }] of this.waiting.entries()) {
      const named = { value: part.value, gradient, ...this.slotsOf(part) };
      for (const [name, tensor] of Object.entries(named)) inputs[`${name}${place}`] = tensor;
    }
    if (this.waiting.length > 0) updateInPlace(this.many.kernel, inputs, this.attributes);
    for (const { gradient } of this.waiting) gradient.dispose();
    this.waiting = [];
  }

  dispose(): void {
    for (const { gradient } of this.waiting) gradient.dispose();
    this.waiting = [];
    for (const slot of this.slots.values()) disposeParts(slot);
    this.slots.clear();
  }

  protected readonly slotNames: string[];
  protected abstract readonly attributes: Record<string, number>;
  /** The kernel that updates several weights, and how many WebGPU's default limit of eight buffers allows. */
  protected abstract readonly many: { kernel: string; most: number };

  /** The gradient stays the caller's. */
  protected abstract applyTensor(part: Part, gradient: tf.Tensor): void;

  /** @returns false where there is no kernel for it; the gradient stays the caller's. */
  protected abstract applyFactors(part: Part, gradient: FactoredGradient): boolean;

  protected slotsOf(part: Part): Record<string, tf.Tensor> {
    return Object.fromEntries(this.slotNames.map((name) => [name, this.slot(part, name)]));
  }

  /** The slot of a part, zeros at first. */
  protected slot({ network, spec, index }: Part, name: string): tf.Tensor {
    const key = `${weightKey(spec)}/${name}`;
    let slot = this.slots.get(key);
    if (!slot) {
      const { shape, parts } = network.split(spec);
      // Not `tf.zeros`, which would fill as much of the processor's memory first.
      slot = { shape, parts: parts.map((part) => tf.keep(tf.fill(part.shape, 0))) };
      this.slots.set(key, slot);
    }
    return slot.parts[index];
  }

  protected replaceSlot({ spec, index }: Part, name: string, tensor: tf.Tensor): void {
    const slot = this.slots.get(`${weightKey(spec)}/${name}`);
    if (!slot) throw new Error(`No slot ${name} of ${weightKey(spec)}`);
    slot.parts[index].dispose();
    slot.parts[index] = tf.keep(tensor);
  }
}

/**
 * Kingma and Ba (2015) in the form of keras/src/optimizers/adam.py: epsilon outside the bias-corrected root,
 * w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon).
 */
class Adam extends SlotOptimizer {
  protected readonly many = { kernel: 'AdamUpdateMany', most: 2 };

  constructor(private readonly settings: Extract<OptimizerSettings, { kind: 'adam' }>) {
    super(settings);
  }

  protected applyTensor(part: Part, gradient: tf.Tensor): void {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    const [m, v] = [this.slot(part, 'm'), this.slot(part, 'v')];
    if (hasKernel('AdamUpdate')) {
      updateInPlace('AdamUpdate', { value: part.value, gradient, m, v }, this.attributes);
      return;
    }
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.step)) / (1 - beta1 ** this.step);
    const [newM, newV, newValue] = tf.tidy(() => {
      const movedM = tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1));
      const movedV = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - beta2));
      const change = tf.div(tf.mul(movedM, rate), tf.add(tf.sqrt(movedV), epsilon));
      return [movedM, movedV, tf.sub(part.value, change)];
    });
    this.replaceSlot(part, 'm', newM);
    this.replaceSlot(part, 'v', newV);
    replaceWeight(part, newValue);
  }

  protected applyFactors(part: Part, { x, dy }: FactoredGradient): boolean {
    if (!hasKernel('DenseAdamUpdate')) return false;
    const [m, v] = [this.slot(part, 'm'), this.slot(part, 'v')];
    const attributes = { ...this.attributes, firstRow: part.firstRow };
    updateInPlace('DenseAdamUpdate', { x, dy, value: part.value, m, v }, attributes);
    return true;
  }

  protected get attributes(): Record<string, number> {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    return { learningRate, beta1, beta2, epsilon, step: this.step };
  }
}

/** Stochastic gradient descent as keras/src/optimizers/sgd.py: velocity = momentum * velocity - lr * g; w += velocity. */
class Sgd extends SlotOptimizer {
  constructor(private readonly settings: Extract<OptimizerSettings, { kind: 'sgd' }>) {
    super(settings);
  }

  protected get attributes(): Record<string, number> {
    const { learningRate, momentum } = this.settings;
    return { learningRate, momentum };
  }

  protected get many() {
    return { kernel: 'SgdUpdateMany', most: this.slotNames.length > 0 ? 2 : 4 };
  }

  protected applyTensor(part: Part, gradient: tf.Tensor): void {
    const { learningRate, momentum } = this.settings;
    const velocity = this.velocity(part);
    if (hasKernel('SgdUpdate')) {
      updateInPlace('SgdUpdate', { value: part.value, gradient, velocity }, this.attributes);
      return;
    }
    const [newVelocity, newValue] = tf.tidy(() => {
      const plain = tf.mul(gradient, -learningRate);
      const moved = velocity ? tf.add(tf.mul(velocity, momentum), plain) : plain;
      return [moved, tf.add(part.value, moved)];
    });
    if (velocity) this.replaceSlot(part, 'velocity', newVelocity);
    else newVelocity.dispose();
    replaceWeight(part, newValue);
  }

  protected applyFactors(part: Part, { x, dy }: FactoredGradient): boolean {
    if (!hasKernel('DenseSgdUpdate')) return false;
    const inputs = { x, dy, value: part.value, velocity: this.velocity(part) };
    updateInPlace('DenseSgdUpdate', inputs, { ...this.attributes, firstRow: part.firstRow });
    return true;
  }

  private velocity(part: Part): tf.Tensor | undefined {
    return this.slotNames.includes('velocity') ? this.slot(part, 'velocity') : undefined;
  }
}

function replaceWeight({ network, spec, index }: Part, value: tf.Tensor): void {
  network.setWeight(spec.layer, spec.name, value, index);
}

/** Runs a kernel that writes into its own inputs; whatever handles it returns are dropped. */
function updateInPlace(
  name: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attributes: Record<string, number>,
): void {
  tf.tidy(() => {
    tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes);
  });
}
