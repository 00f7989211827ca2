/**
 * @file The service worker: keeps one whole build of the studio, so that it starts without a network and without a server.
 *
 * A build is kept whole or not at all, and every file is what the build says it is. A page is served by one version until it
 * asks for the next (`TAKE_OVER`), or until no page is open. Nothing is kept beside the studio's own files: no radiograph,
 * no weights, nothing of another origin.
 *
 * Not vite-plugin-pwa with Workbox: it would double the installed packages (319 more) for these lines, and its page part reloads
 * every open tab as soon as one of them takes a new version, whatever goes on there.
 */

import { cacheName, isOutdated, type KeptBuild, keptPath, withHeaders } from './kept-build';
import type { ServiceWorkerScope } from './service-worker-scope';
import { TAKE_OVER } from './take-over';

declare const THORAX_BUILD: KeptBuild;
const build = THORAX_BUILD;
const scope = self as unknown as ServiceWorkerScope;

scope.addEventListener('install', (event) => event.waitUntil(keep()));
scope.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
scope.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const path = keptPath(event.request, scope.location.origin, build);
  if (path !== null) event.respondWith(answer(path, event.request));
});

/** @throws {TypeError} when a file cannot be had or is another than the build's; the browser tries again later. */
async function keep(): Promise<void> {
  const cache = await caches.open(cacheName(build));
  const requests = Object.entries(build.files).map(
    // Past the browser's own cache, which may hold a file of the version before.
    ([path, integrity]) => new Request(path, { cache: 'no-cache', integrity }),
  );
  await cache.addAll(requests);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => isOutdated(name, build)).map((name) => caches.delete(name)));
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName(build));
  // What it was asked for with says nothing about what is in the file.
  const kept = await cache.match(path, { ignoreVary: true });
  return kept ? withHeaders(kept, build) : await fetch(request);
}
