/** @file Draws the images of one epoch, in the order in which they are trained. */

import type { RandomStream } from '../base/random';
import type { DatasetImage } from '../domain/dataset';
import type { Recipe } from '../domain/recipe';

/**
 * As many images as there are: every image once, or with balanced sampling every class equally often.
 * All draws are from `stream`, so that its state before them gives the same epoch again.
 */
export function drawEpoch(
  images: readonly DatasetImage[],
  sampling: Recipe['sampling'],
  stream: RandomStream,
): DatasetImage[] {
  return stream.shuffled(sampling === 'balanced' ? drawBalanced(images, stream) : images);
}

/**
 * The same number of each class; what does not divide evenly falls to classes at random. Within a class no image comes a
 * second time before every other came once.
 */
function drawBalanced(images: readonly DatasetImage[], stream: RandomStream): DatasetImage[] {
  const byClass = new Map<number, DatasetImage[]>();
  for (const image of images) {
    const members = byClass.get(image.classIndex);
    if (members) members.push(image);
    else byClass.set(image.classIndex, [image]);
  }
  const classes = [...byClass.keys()].toSorted((a, b) => a - b);
  const share = Math.floor(images.length / classes.length);
  const favoured = new Set(stream.shuffled(classes).slice(0, images.length % classes.length));
  return classes.flatMap((classIndex) => {
    const members = byClass.get(classIndex) ?? [];
    const count = share + (favoured.has(classIndex) ? 1 : 0);
    const rounds = Array.from({ length: Math.floor(count / members.length) }, () => members);
    return [...rounds.flat(), ...stream.shuffled(members).slice(0, count % members.length)];
  });
}
