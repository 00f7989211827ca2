/** @file What the service worker keeps of a build, and which requests it answers from there. */

/** Written into the service worker when it is built. */
export interface KeptBuild {
  /** Another one when any file differs. */
  version: string;
  /** Every path of the studio, with the hash of what lies there (Subresource Integrity). */
  files: Readonly<Record<string, string>>;
  /** Given to every answer, whatever server the file came from. */
  headers: Readonly<Record<string, string>>;
}

const CACHE_PREFIX = 'thorax-';

export function cacheName({ version }: KeptBuild): string {
  return CACHE_PREFIX + version;
}

/** True for the cache of another version. */
export function isOutdated(name: string, build: KeptBuild): boolean {
  return name.startsWith(CACHE_PREFIX) && name !== cacheName(build);
}

/**
 * The path under which the answer to a request is kept; null for everything that is none of the studio's own files: requests to
 * other origins, with another method than GET, for official weights.
 */
export function keptPath(
  { method, url }: Pick<Request, 'method' | 'url'>,
  origin: string,
  { files }: KeptBuild,
): string | null {
  const address = new URL(url);
  if (method !== 'GET' || address.origin !== origin) return null;
  return Object.hasOwn(files, address.pathname) ? address.pathname : null;
}

/** The same answer with the studio's headers, which isolate the page also where another web server sent it. */
export function withHeaders(response: Response, { headers }: KeptBuild): Response {
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: all });
}
