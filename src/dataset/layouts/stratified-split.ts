/**
 * @file Splits labelled files 80/10/10 so that every class keeps its share in each part and no patient is in two.
 */

import { RandomStream } from '../../base/random';
import { SPLITS, type Split } from '../../domain/split';
import { patientKey } from './patient-key';

const HELD_OUT = 0.1;
/** From this many images on, a class gets an image in each split. */
const LEAST_FOR_ALL_SPLITS = 3;

interface Group {
  members: number[];
  /** Images per class; classes without any are left out. */
  classes: Map<string, number>;
}

type Tally = Map<string, Record<Split, number>>;

/**
 * The split of each file, in order. Groups of one patient are dealt largest first, each to the split whose share its
 * classes lack most. The same files and seed always give the same split.
 */
export function stratifiedSplit(files: readonly { path: string; className: string }[], seed: number): Split[] {
  const groups = groupByPatient(files);
  const targets: Tally = new Map();
  for (const [className, count] of countClasses(files)) {
    const held = count >= LEAST_FOR_ALL_SPLITS ? Math.max(1, Math.round(count * HELD_OUT)) : 0;
    targets.set(className, { train: count - 2 * held, validation: held, test: held });
  }
  const dealt: Tally = new Map([...targets.keys()].map((name) => [name, { train: 0, validation: 0, test: 0 }]));
  const splitOf = new Map<Group, Split>();

  const order = RandomStream.named(seed, 'split').shuffled(groups);
  order.sort((a, b) => b.members.length - a.members.length);
  for (const group of order) {
    let best: Split = 'train';
    let bestNeed = Number.NEGATIVE_INFINITY;
    for (const split of SPLITS) {
      const need = needOf(group, split, targets, dealt);
      if (need > bestNeed + 1e-9) {
        best = split;
        bestNeed = need;
      }
    }
    splitOf.set(group, best);
    move(group, null, best, dealt);
  }
  fillEmptySplits(order, splitOf, targets, dealt);

  const result = new Array<Split>(files.length);
  for (const [group, split] of splitOf) {
    for (const member of group.members) result[member] = split;
  }
  return result;
}

/** How far, as a share of its target, a split would still fall short with half of the group in it. */
function needOf(group: Group, split: Split, targets: Tally, dealt: Tally): number {
  let need = 0;
  for (const [className, count] of group.classes) {
    const target = targets.get(className)![split];
    const short = target - dealt.get(className)![split] - count / 2;
    need += count * (target === 0 ? -1 - count : short / target);
  }
  return need;
}

/** Large patients can leave a small class without held-out images: move its smallest group there, if training keeps one. */
function fillEmptySplits(order: Group[], splitOf: Map<Group, Split>, targets: Tally, dealt: Tally): void {
  const smallestFirst = order.toReversed();
  for (const [className, target] of targets) {
    for (const split of ['validation', 'test'] as const) {
      const counts = dealt.get(className)!;
      if (target[split] === 0 || counts[split] > 0) continue;
      const candidate = smallestFirst.find((group) => {
        const count = group.classes.get(className);
        return count !== undefined && splitOf.get(group) === 'train' && counts.train > count;
      });
      if (candidate === undefined) continue;
      move(candidate, 'train', split, dealt);
      splitOf.set(candidate, split);
    }
  }
}

function move(group: Group, from: Split | null, to: Split, dealt: Tally): void {
  for (const [className, count] of group.classes) {
    const counts = dealt.get(className)!;
    if (from !== null) counts[from] -= count;
    counts[to] += count;
  }
}

function groupByPatient(files: readonly { path: string; className: string }[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [i, { path, className }] of files.entries()) {
    const key = patientKey(path);
    let group = groups.get(key);
    if (group === undefined) {
      group = { members: [], classes: new Map() };
      groups.set(key, group);
    }
    group.members.push(i);
    group.classes.set(className, (group.classes.get(className) ?? 0) + 1);
  }
  return [...groups.values()];
}

function countClasses(files: readonly { className: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { className } of files) counts.set(className, (counts.get(className) ?? 0) + 1);
  return counts;
}
