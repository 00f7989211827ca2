/** @file What a dataset's images are like, in one line. */

import type { ImageRanges } from '../../domain/dataset';
import { formatCount } from '../../ui/format';

/** "1,024 × 1,024 to 2,500 × 2,048 pixels; 8-bit grey; PNG and JPEG". */
export function describeRanges({ smallest, largest, kinds, formats }: ImageRanges): string {
  const least = side(smallest);
  const most = side(largest);
  const sizes = least === most ? `${least} pixels` : `${least} to ${most} pixels`;
  return [sizes, enumerate(kinds), enumerate(formats)].join('; ');
}

function side({ width, height }: { width: number; height: number }): string {
  return `${formatCount(width)} × ${formatCount(height)}`;
}

/** "a", "a and b", "a, b and c". */
function enumerate(words: string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
