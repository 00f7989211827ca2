/**
 * @file A worker's script, fetched once and kept as a Blob, so that workers start without a network.
 *
 * Vite's development server serves modules that import others by address; there a worker starts from its own address.
 */

/** @returns what loads it: resolves to an address; rejects with a TypeError without a connection, and tries again later. */
export function keptScript(scriptUrl: string): () => Promise<string> {
  let kept: Promise<string> | null = null;
  return () => {
    kept ??= import.meta.env.PROD ? fetchScript(scriptUrl) : Promise.resolve(scriptUrl);
    kept.catch(() => {
      kept = null;
    });
    return kept;
  };
}

async function fetchScript(scriptUrl: string): Promise<string> {
  const response = await fetch(scriptUrl);
  if (!response.ok) throw new TypeError(`${scriptUrl}: status ${response.status}`);
  return URL.createObjectURL(new Blob([await response.blob()], { type: 'text/javascript' }));
}
