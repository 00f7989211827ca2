/** @file Which of a training step's kernel calls are worth measuring: the costliest of each kernel, every form before a second shape. */

import type { NetworkId } from '../domain/network';
import type { KernelRow } from './kernel-row';
import { type CountedCall, type KernelCall, keyOf } from './record-calls';

export interface ChosenCall extends KernelCall {
  /** How often one step of each network makes it. */
  calls: Partial<Record<NetworkId, number>>;
}

/** @param most shapes of each kernel and network. */
export function chooseCalls(
  recorded: readonly { network: NetworkId; calls: readonly CountedCall[] }[],
  rows: Readonly<Record<string, KernelRow>>,
  most: number,
): ChosenCall[] {
  const chosen = new Map<string, ChosenCall>();
  for (const [kernel, row] of Object.entries(rows)) {
    for (const { network, calls } of recorded) {
      // Without a stock counterpart there is nothing to compare.
      const own = calls.filter((call) => call.kernel === kernel && row.stockInputs?.(call) !== null);
      for (const { count, ...call } of costliest(own, row, most)) {
        const key = keyOf(call);
        const known = chosen.get(key);
        chosen.set(key, { ...call, calls: { ...known?.calls, [network]: count } });
      }
    }
  }
  return [...chosen.values()];
}

function costliest(calls: CountedCall[], row: KernelRow, most: number): CountedCall[] {
  const weightOf = (call: CountedCall) => {
    const { flops, bytes } = row.cost(call);
    return call.count * (flops + bytes);
  };
  const sorted = calls.toSorted((a, b) => weightOf(b) - weightOf(a));
  const forms = sorted.map((call) => row.form?.(call) ?? '');
  const firstOfForm = sorted.filter((_, i) => forms.indexOf(forms[i]) === i);
  const rest = sorted.filter((call) => !firstOfForm.includes(call));
  return [...firstOfForm, ...rest].slice(0, most);
}
