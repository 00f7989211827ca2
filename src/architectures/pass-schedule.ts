/**
 * @file A pass as a list of steps: what is made, shared, read again and freed, in order, forward and backward.
 *
 * The passes follow it with tensors (networks/execute.ts), the memory estimate with sizes (memory-estimate.ts): what is kept
 * and when it is freed is decided here and nowhere else. Every output is freed at its last read.
 */

import type { Recipe } from '../domain/recipe';
import type { LayerNode } from './graph';
import { addsInPlace, passesOn, readBack, type Wants } from './layer-rules';
import { type Plan, stemOf, wantsOf } from './plan';

export interface PassMode {
  /** Trainable BatchNorm takes the batch's statistics. */
  training: boolean;
  /** What frozen BatchNorm layers use while training. With the batch's statistics they are not folded. */
  frozenBatchNorm: Recipe['frozenBatchNorm'];
  /** The device can write to channels in place; without it every concatenation copies. */
  sharesBlocks: boolean;
}

/** How an output comes to be. */
export type Making =
  | { kind: 'input' }
  /** By the layer itself. */
  | { kind: 'computed' }
  /** By the convolution, whose weights include the BatchNorm after it; `relu`: with that BatchNorm's ReLU. */
  | { kind: 'folded'; norm: LayerNode; relu: boolean }
  /** This BatchNorm is folded into the convolution before it: nothing is computed. */
  | { kind: 'inFold' }
  /** The block is allocated at its final width and the first two inputs are written to it. */
  | { kind: 'blockStarted'; width: number }
  /** The second input is appended to the block that holds the first. */
  | { kind: 'blockContinued' };

export interface ForwardStep {
  node: LayerNode;
  making: Making;
  /** The output is in the buffer of the first input. */
  sharesInput: boolean;
  /** Shape of the stored tensor without the batch: the whole block's for an output that lies in one. */
  storedShape: number[];
  /** Outputs read for the last time. */
  frees: string[];
}

/** The gradient that a layer sends to one of its inputs. */
export interface SentGradient {
  to: string;
  /** `first`: nothing has been sent there yet. `addedByLayer`: the layer adds to what is there, where the device can. */
  arrives: 'first' | 'added' | 'addedByLayer';
  /** It is the layer's own output gradient under another name. */
  sharesGradient: boolean;
}

export interface BackwardStep {
  node: LayerNode;
  wants: Wants;
  /** What the layer reads of its inputs; empty when it reads none. */
  inputs: { name: string; recomputedBy: LayerNode | null }[];
  readsOutput: boolean;
  /** Set for a concatenation of a shared block. */
  block: 'started' | 'continued' | null;
  /** In the order of the inputs; null where no gradient is needed. */
  sends: (SentGradient | null)[];
  /** Outputs read for the last time. */
  frees: string[];
}

export interface PassSchedule {
  plan: Plan;
  mode: PassMode;
  /** The layers that only run forward; they may run a few images at a time: see stem-slices.ts. */
  stem: ForwardStep[];
  /** The other layers. */
  tail: ForwardStep[];
  backward: BackwardStep[];
}

/** True for a BatchNorm that normalizes by the batch in this mode, and for no other layer. */
export function usesBatchStatistics({ training, frozenBatchNorm }: PassMode, node: LayerNode): boolean {
  return training && node.config.kind === 'batchNorm' && (node.trainable || frozenBatchNorm === 'batch');
}

const known = new WeakMap<Plan, Map<string, PassSchedule>>();

/** The steps of a pass. They are computed once per plan and mode, since every training step needs them. */
export function passSchedule(plan: Plan, mode: PassMode): PassSchedule {
  const ofPlan = known.get(plan) ?? new Map<string, PassSchedule>();
  known.set(plan, ofPlan);
  const key = `${mode.training}/${mode.frozenBatchNorm}/${mode.sharesBlocks}`;
  const schedule = ofPlan.get(key) ?? makeSchedule(plan, mode);
  ofPlan.set(key, schedule);
  return schedule;
}

function makeSchedule(plan: Plan, mode: PassMode): PassSchedule {
  const { layers, output } = plan.graph;
  const tailBackwards = layers.filter(({ name }) => plan.differentiated.has(name)).toReversed();
  const reached = new Set<string>();
  const drafts = tailBackwards.map((node) => backwardStep(plan, mode, node, reached));

  const reads = new Map<string, number>();
  const addRead = (name: string) => reads.set(name, (reads.get(name) ?? 0) + 1);
  for (const { inputs } of layers) for (const name of inputs) addRead(name);
  for (const step of drafts) for (const name of readAgain(step)) addRead(name);
  // These stay until the pass ends.
  for (const name of [output, ...plan.targets]) addRead(name);
  const freedBy = (names: string[]) =>
    names.filter((name) => {
      const left = (reads.get(name) ?? 0) - 1;
      reads.set(name, left);
      return left === 0;
    });

  const forward = layers.map((node) => forwardStep(plan, mode, node, freedBy(node.inputs)));
  const backward = drafts.map((step) => ({ ...step, frees: freedBy(readAgain(step)) }));
  const stemLength = stemOf(plan).length;
  return { plan, mode, stem: forward.slice(0, stemLength), tail: forward.slice(stemLength), backward };
}

function readAgain({ node, inputs, readsOutput }: Pick<BackwardStep, 'node' | 'inputs' | 'readsOutput'>): string[] {
  const kept = inputs.filter(({ recomputedBy }) => !recomputedBy).map(({ name }) => name);
  return readsOutput ? [...kept, node.name] : kept;
}

function forwardStep(plan: Plan, mode: PassMode, node: LayerNode, frees: string[]): ForwardStep {
  const making = makingOf(plan, mode, node);
  const sharesInput =
    making.kind === 'inFold' ||
    making.kind === 'blockContinued' ||
    (making.kind === 'computed' && passesOn(node.config, plan.fused.has(node.name)));
  const block = mode.sharesBlocks ? plan.blocks.get(node.name) : undefined;
  const storedShape = block ? [...node.outputShape.slice(0, 2), block.width] : node.outputShape;
  return { node, making, sharesInput, storedShape, frees };
}

function makingOf({ blocks, folded, fused }: Plan, mode: PassMode, node: LayerNode): Making {
  if (node.config.kind === 'input') return { kind: 'input' };
  const block = mode.sharesBlocks ? blocks.get(node.name) : undefined;
  if (block) return block.starts ? { kind: 'blockStarted', width: block.width } : { kind: 'blockContinued' };
  const norm = folded.get(node.name);
  if (norm && !usesBatchStatistics(mode, norm)) return { kind: 'folded', norm, relu: fused.has(norm.name) };
  const isInFold = folded.get(node.inputs[0]) === node && !usesBatchStatistics(mode, node);
  return { kind: isInFold ? 'inFold' : 'computed' };
}

/** @param reached layers that a gradient has been sent to; those that this step sends to are added. */
function backwardStep(plan: Plan, mode: PassMode, node: LayerNode, reached: Set<string>): Omit<BackwardStep, 'frees'> {
  const { graph, differentiated, targets, fused, recomputed } = plan;
  const fuseRelu = fused.has(node.name);
  const wants = wantsOf(plan, node);
  const { inputs: readsInputs, output: readsOutput } = readBack(node.config, fuseRelu, wants);
  const planned = mode.sharesBlocks ? plan.blocks.get(node.name) : undefined;
  const block = planned ? (planned.starts ? 'started' : 'continued') : null;
  const sends = node.inputs.map((to, index): SentGradient | null => {
    if (!differentiated.has(to) && !targets.has(to)) return null;
    const again = addsInPlace(node.config) ? 'addedByLayer' : 'added';
    const arrives = reached.has(to) ? again : 'first';
    reached.add(to);
    const sharesGradient = passesOn(node.config, fuseRelu) || (block === 'continued' && index === 0);
    return { to, arrives, sharesGradient };
  });
  const normOf = (name: string): LayerNode | null => {
    const input = graph.byName.get(name);
    if (!input || !recomputed.has(name)) return null;
    return input.config.kind === 'batchNorm' ? input : (graph.byName.get(input.inputs[0]) ?? null);
  };
  const inputs = readsInputs ? node.inputs.map((name) => ({ name, recomputedBy: normOf(name) })) : [];
  return { node, wants, inputs, readsOutput, block, sends };
}
