/** @file What a whole model's file states, and what it leaves open, as plain data. */

import type { InputScaling } from './input-scaling';
import type { NetworkId } from './network';

/** What is needed to use a model file. Plain data: it crosses between workers and the page. */
export interface ModelReading {
  network: NetworkId;
  classCount: number;
  /**
   * `absent`: the file holds weights alone. Activations, padding and whatever else leaves no trace in shapes are then taken
   * to be those of the network.
   */
  configuration: 'stated' | 'absent';
  /**
   * Side of the square input, pixels. `stated`: by the configuration, or because only one size fits the shapes. `asked`:
   * every size from `min` to `max` fits, both included, and the person has to say which it was.
   */
  inputSize: { kind: 'stated'; size: number } | { kind: 'asked'; min: number; max: number };
  /**
   * What the first layer gets from pixels 0..255. `assumed`: the file states none, as a person's own scaling before
   * training leaves no trace in it.
   */
  inputScaling: { kind: 'stated' | 'assumed'; scaling: InputScaling };
}
