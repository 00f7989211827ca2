/** @file The names of all kinds, for `npm run fuzz`. */

import { FileThreads } from './file-threads';
import { allKinds } from './kinds';

export const KIND_NAMES = allKinds(new FileThreads(new URL('file:///never-started'), 0)).map(({ name }) => name);
