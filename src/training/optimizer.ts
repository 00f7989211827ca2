/**
 * @file Keras' Adam and SGD, one weight at a time.
 *
 * The backward pass hands over each gradient as it appears; it is applied and freed before the next is computed, so
 * memory never holds more than one. Where our kernels are registered the update happens in place in one dispatch.
 */

import * as tf from '@tensorflow/tfjs';
import { type WeightSpec, weightKey } from '../domain/architecture';
import type { OptimizerSettings } from '../domain/recipe';
import type { Network } from '../networks/network';

export interface Optimizer {
  /** Call once before the gradients of a step. */
  beginStep(): void;
  /** Moves the weight; owns and frees the gradient. */
  apply(network: Network, spec: WeightSpec, gradient: tf.Tensor): void;
  /** Steps taken. */
  step: number;
  /** Slot tensors by key (`block4_conv1/kernel/m`); stay the optimizer's. */
  readonly slots: ReadonlyMap<string, tf.Tensor>;
  dispose(): void;
}

export function createOptimizer(settings: OptimizerSettings): Optimizer {
  return settings.kind === 'adam' ? new Adam(settings) : new Sgd(settings);
}

abstract class SlotOptimizer implements Optimizer {
  step = 0;
  readonly slots = new Map<string, tf.Tensor>();

  beginStep(): void {
    this.step += 1;
  }

  abstract apply(network: Network, spec: WeightSpec, gradient: tf.Tensor): void;

  dispose(): void {
    for (const slot of this.slots.values()) slot.dispose();
    this.slots.clear();
  }

  protected slot(spec: WeightSpec, name: string): tf.Tensor {
    const key = `${weightKey(spec)}/${name}`;
    const existing = this.slots.get(key);
    if (existing) return existing;
    const created = tf.keep(tf.zeros(spec.shape));
    this.slots.set(key, created);
    return created;
  }

  protected replaceSlot(spec: WeightSpec, name: string, tensor: tf.Tensor): void {
    const key = `${weightKey(spec)}/${name}`;
    this.slots.get(key)?.dispose();
    this.slots.set(key, tf.keep(tensor));
  }
}

/**
 * Kingma and Ba (2015) in the form of keras/src/optimizers/adam.py: epsilon outside the bias-corrected root,
 * w -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon).
 */
class Adam extends SlotOptimizer {
  constructor(private readonly settings: Extract<OptimizerSettings, { kind: 'adam' }>) {
    super();
  }

  apply(network: Network, spec: WeightSpec, gradient: tf.Tensor): void {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    const value = network.weight(spec);
    const m = this.slot(spec, 'm');
    const v = this.slot(spec, 'v');
    if (hasKernel('AdamUpdate')) {
      const attributes = { learningRate, beta1, beta2, epsilon, step: this.step };
      updateInPlace('AdamUpdate', { value, gradient, m, v }, attributes);
    } else {
      const rate = (learningRate * Math.sqrt(1 - beta2 ** this.step)) / (1 - beta1 ** this.step);
      const [newM, newV, newValue] = tf.tidy(() => {
        const movedM = tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1));
        const movedV = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - beta2));
        const change = tf.div(tf.mul(movedM, rate), tf.add(tf.sqrt(movedV), epsilon));
        return [movedM, movedV, tf.sub(value, change)];
      });
      this.replaceSlot(spec, 'm', newM);
      this.replaceSlot(spec, 'v', newV);
      network.setWeight(spec.layer, spec.name, newValue);
    }
    gradient.dispose();
  }
}

/** Stochastic gradient descent as keras/src/optimizers/sgd.py: velocity = momentum * velocity - lr * g; w += velocity. */
class Sgd extends SlotOptimizer {
  constructor(private readonly settings: Extract<OptimizerSettings, { kind: 'sgd' }>) {
    super();
  }

  apply(network: Network, spec: WeightSpec, gradient: tf.Tensor): void {
    const { learningRate, momentum } = this.settings;
    const value = network.weight(spec);
    const velocity = momentum > 0 ? this.slot(spec, 'velocity') : undefined;
    if (hasKernel('SgdUpdate')) {
      updateInPlace('SgdUpdate', { value, gradient, velocity }, { learningRate, momentum });
    } else {
      const [newVelocity, newValue] = tf.tidy(() => {
        const plain = tf.mul(gradient, -learningRate);
        const moved = velocity ? tf.add(tf.mul(velocity, momentum), plain) : plain;
        return [moved, tf.add(value, moved)];
      });
      if (velocity) this.replaceSlot(spec, 'velocity', newVelocity);
      else newVelocity.dispose();
      network.setWeight(spec.layer, spec.name, newValue);
    }
    gradient.dispose();
  }
}

function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
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
