/**
 * @file How much GPU memory a training step needs, by walking through the passes with sizes instead of tensors.
 *
 * Follows execute.ts: what it keeps, frees, shares and computes anew. Not counted are what kernels need for themselves
 * (parts of split sums) and what the buffer pool holds idle, together a few hundred MB at most.
 */

import type { LayerNode } from '../architectures/graph';
import { sizeOf } from '../domain/architecture';
import type { OptimizerSettings, Recipe } from '../domain/recipe';
import { bindLayer } from './layers/layers';
import type { Plan } from './plan';
import { rowsOfParts } from './split-tensor';
import { sliceSizeOf, stemOf } from './stem-slices';

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

/** @param batch images a step. */
export function estimateTrainingMemory(question: MemoryQuestion, batch: number): MemoryEstimate {
  const { optimizer, frozenBatchNorm } = question;
  const plan = frozenBatchNorm === 'batch' ? { ...question.plan, folded: new Map<string, LayerNode>() } : question.plan;
  const specs = plan.graph.layers.flatMap(({ weights }) => weights);
  const bytesOf = (shapes: number[][]) => shapes.reduce((sum, shape) => sum + FLOAT_BYTES * sizeOf(shape), 0);
  const foldedBytes = bytesOf([...plan.folded.keys()].map((name) => kernelShape(plan, name)));
  const weightBytes = bytesOf(specs.map(({ shape }) => shape)) + foldedBytes;
  const slots = optimizer.kind === 'adam' ? 2 : optimizer.momentum > 0 ? 1 : 0;
  const slotBytes = slots * bytesOf(specs.filter(({ trainable }) => trainable).map(({ shape }) => shape));
  const walk = new Walk(plan, batch, frozenBatchNorm === 'batch');
  walk.step();
  const partBytes = specs.map(({ shape }) => FLOAT_BYTES * rowsOfParts(shape)[0] * sizeOf(shape.slice(1)));
  return {
    weightBytes,
    slotBytes,
    passBytes: walk.peak,
    totalBytes: weightBytes + slotBytes + walk.peak,
    largestBufferBytes: Math.max(walk.largest, ...partBytes),
  };
}

/**
 * The largest batch size up to `most` for which `fits` holds, or null when not even one image fits. Found by halving: more
 * images need more memory, but for a step down of the stem's slices here and there, below which the answer may stay.
 */
export function largestBatchThatFits(
  question: MemoryQuestion,
  most: number,
  fits: (estimate: MemoryEstimate) => boolean,
): number | null {
  const holds = (batch: number) => fits(estimateTrainingMemory(question, batch));
  if (most < 1 || !holds(1)) return null;
  if (holds(most)) return most;
  let fitting = 1;
  let tooLarge = most;
  while (tooLarge - fitting > 1) {
    const middle = (fitting + tooLarge) >> 1;
    if (holds(middle)) fitting = middle;
    else tooLarge = middle;
  }
  return fitting;
}

function kernelShape({ graph }: Plan, layer: string): number[] {
  return graph.byName.get(layer)?.weights.find(({ name }) => name === 'kernel')?.shape ?? [];
}

/** A buffer that several outputs may share. */
interface Storage {
  bytes: number;
  shares: number;
}

class Walk {
  peak = 0;
  largest = 0;
  private live = 0;
  /** What the loop hands to the network: its input, and the caller's until the step ends. */
  private pictures: Storage = { bytes: 0, shares: 1 };
  private readonly outputs = new Map<string, { storage: Storage; reads: number }>();

  constructor(
    private readonly plan: Plan,
    private readonly batch: number,
    private readonly stemIsWhole: boolean,
  ) {}

  step(): void {
    const { layers, output } = this.plan.graph;
    this.pictures = this.hold(this.batch * this.imageBytes(layers[0]));
    const stem = stemOf(this.plan);
    const mixesBatch = this.stemIsWhole && stem.some(({ config }) => config.kind === 'batchNorm');
    const sliceSize = mixesBatch ? this.batch : sliceSizeOf(this.plan, stem, this.batch);
    const sliced = sliceSize < this.batch ? this.walkSlices(stem, sliceSize) : 0;
    for (const node of layers.slice(sliced)) this.forward(node, this.batch);
    this.backward(new Map([[output, this.hold(this.batch * this.imageBytes(layers[layers.length - 1]))]]));
    this.release(this.pictures);
  }

  /** @returns how many layers that were. */
  private walkSlices(stem: LayerNode[], sliceSize: number): number {
    const pieces: Storage[] = [];
    let left: [string, number][] = [];
    for (let start = 0; start < this.batch; start += sliceSize) {
      const count = Math.min(sliceSize, this.batch - start);
      for (const node of stem) this.forward(node, count);
      left = [...this.outputs].map(([name, { reads }]) => [name, reads]);
      for (const { storage } of this.outputs.values()) pieces.push(storage);
      this.outputs.clear();
    }
    for (const [name, reads] of left) {
      const node = this.plan.graph.byName.get(name) as LayerNode;
      this.outputs.set(name, { storage: this.hold(this.batch * this.imageBytes(node)), reads });
    }
    for (const piece of pieces) this.release(piece);
    return stem.length;
  }

  private forward(node: LayerNode, images: number): void {
    this.outputs.set(node.name, {
      storage: this.sharedOutput(node, images) ?? this.hold(images * this.imageBytes(node)),
      reads: this.plan.reads.get(node.name) ?? 0,
    });
    for (const name of node.inputs) this.read(name);
  }

  /** The input's buffer where the output is only another name for it. */
  private sharedOutput(node: LayerNode, images: number): Storage | null {
    const { blocks, folded, fused } = this.plan;
    const [first] = node.inputs;
    if (node.config.kind === 'input') return images === this.batch ? this.share(this.pictures) : null;
    const isPassedOn =
      node.config.kind === 'flatten' ||
      (node.config.kind === 'relu' && fused.has(node.name)) ||
      folded.get(first) === node ||
      blocks.get(node.name)?.starts === false;
    return isPassedOn ? this.share(this.storageOf(first)) : null;
  }

  private backward(gradients: Map<string, Storage>): void {
    const { graph, differentiated, targets, fused, blocks, recomputed } = this.plan;
    for (const node of graph.layers.toReversed()) {
      const dy = gradients.get(node.name);
      if (node.config.kind === 'input' || !differentiated.has(node.name) || !dy) continue;
      gradients.delete(node.name);
      const layer = bindLayer(node);
      const isBlock = blocks.has(node.name);
      const keepsInputs = layer.keepsInputs && !isBlock;
      const again = keepsInputs ? node.inputs.filter((name) => recomputed.has(name)) : [];
      const temporaries = again.map((name) => this.hold(this.batch * this.imageBytes(graph.byName.get(name))));
      const { config } = node;
      const isMasked = (config.kind === 'conv2d' || config.kind === 'dense') && config.activation === 'relu';
      if (isMasked) temporaries.push(this.hold(dy.bytes));
      if (config.kind === 'conv2d' && node.trainable) {
        temporaries.push(this.hold(FLOAT_BYTES * sizeOf(kernelShape(this.plan, node.name))));
      }
      for (const [index, name] of node.inputs.entries()) {
        if (!differentiated.has(name) && !targets.has(name)) continue;
        const isHandedOn =
          config.kind === 'flatten' ||
          (config.kind === 'relu' && fused.has(node.name)) ||
          (isBlock && index === 0 && blocks.get(node.name)?.starts === false);
        const before = gradients.get(name);
        if (isHandedOn && !before) gradients.set(name, this.share(dy));
        else if (!(config.kind === 'batchNorm' && before)) {
          const sent = this.hold(this.batch * this.imageBytes(graph.byName.get(name), false));
          if (before) this.release(sent);
          else gradients.set(name, sent);
        }
      }
      for (const storage of [dy, ...temporaries]) this.release(storage);
      if (keepsInputs) for (const name of node.inputs) if (!recomputed.has(name)) this.read(name);
      if (layer.keepsOutput(fused.has(node.name))) this.read(node.name);
    }
  }

  /** @param asBlock at the width of the whole block, where the output starts one. */
  private imageBytes(node: LayerNode | undefined, asBlock = true): number {
    if (!node) return 0;
    const block = asBlock ? this.plan.blocks.get(node.name) : undefined;
    const shape = block ? [...node.outputShape.slice(0, 2), block.width] : node.outputShape;
    return FLOAT_BYTES * sizeOf(shape);
  }

  private storageOf(name: string): Storage {
    const output = this.outputs.get(name);
    if (!output) throw new Error(`${name} is read after it was freed`);
    return output.storage;
  }

  private read(name: string): void {
    const output = this.outputs.get(name);
    if (!output) throw new Error(`${name} is read more often than counted`);
    output.reads -= 1;
    if (output.reads > 0) return;
    this.release(output.storage);
    this.outputs.delete(name);
  }

  private hold(bytes: number): Storage {
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
    this.largest = Math.max(this.largest, bytes);
    return { bytes, shares: 1 };
  }

  private share(storage: Storage): Storage {
    storage.shares += 1;
    return storage;
  }

  private release(storage: Storage): void {
    storage.shares -= 1;
    if (storage.shares === 0) this.live -= storage.bytes;
  }
}
