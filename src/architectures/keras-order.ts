/**
 * @file The order of Keras' `model.layers`: by depth from the output, ties by a depth-first walk from the output.
 *
 * Source: `map_graph_network` in keras/src/ops/function.py. "The last 82 layers" of the notebook counts in this order,
 * and so do old weight files.
 */

/** What the order depends on. */
interface Node {
  name: string;
  /** Names of the nodes it reads. */
  inputs: readonly string[];
}

/** The layers that lead to `output`, first to last. */
export function inKerasOrder<N extends Node>(nodes: ReadonlyMap<string, N>, output: string): N[] {
  const visitIndex = new Map<string, number>();
  const inputsFirst: string[] = [];
  const visit = (name: string) => {
    if (visitIndex.has(name)) return;
    visitIndex.set(name, visitIndex.size);
    for (const input of node(name).inputs) visit(input);
    inputsFirst.push(name);
  };
  const node = (name: string): N => {
    const found = nodes.get(name);
    if (!found) throw new Error(`No layer named ${name}`);
    return found;
  };
  visit(output);

  const depth = new Map<string, number>();
  for (const name of inputsFirst.toReversed()) {
    const own = depth.get(name) ?? 0;
    depth.set(name, own);
    for (const input of node(name).inputs) depth.set(input, Math.max(depth.get(input) ?? 0, own + 1));
  }
  const rank = (name: string, of: ReadonlyMap<string, number>) => of.get(name) ?? 0;
  return inputsFirst
    .toSorted((a, b) => rank(b, depth) - rank(a, depth) || rank(a, visitIndex) - rank(b, visitIndex))
    .map(node);
}
