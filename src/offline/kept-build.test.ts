import { expect, it } from 'vitest';
import { cacheName, isOutdated, type KeptBuild, keptPath, withHeaders } from './kept-build';

const ORIGIN = 'http://localhost:4173';
const BUILD: KeptBuild = {
  version: 'abc',
  files: { '/': 'sha256-1', '/assets/studio-worker-1.js': 'sha256-2' },
  headers: { 'Cross-Origin-Embedder-Policy': 'require-corp' },
};

function kept(path: string, method = 'GET', origin = ORIGIN): string | null {
  return keptPath({ url: origin + path, method }, ORIGIN, BUILD);
}

it('answers for the files of the build, whatever switches stand behind the address', () => {
  expect(kept('/')).toBe('/');
  expect(kept('/?device=processor')).toBe('/');
  expect(kept('/assets/studio-worker-1.js')).toBe('/assets/studio-worker-1.js');
});

it('leaves everything else to the network', () => {
  expect(kept('/pretrained/vgg16.h5')).toBeNull();
  expect(kept('/assets/studio-worker-0.js')).toBeNull();
  expect(kept('/constructor')).toBeNull();
  expect(kept('/', 'POST')).toBeNull();
  expect(kept('/', 'GET', 'https://other.example')).toBeNull();
});

it('knows the caches of other versions, and leaves those of other programs alone', () => {
  expect(isOutdated(cacheName(BUILD), BUILD)).toBe(false);
  expect(isOutdated(cacheName({ ...BUILD, version: 'abd' }), BUILD)).toBe(true);
  expect(isOutdated('pictures', BUILD)).toBe(false);
});

it('gives an answer the headers of the studio and leaves the rest as it is', async () => {
  const answer = withHeaders(
    new Response('text', { status: 200, headers: { 'Content-Type': 'text/css', 'Cross-Origin-Embedder-Policy': 'x' } }),
    BUILD,
  );
  expect(await answer.text()).toBe('text');
  expect(answer.headers.get('content-type')).toBe('text/css');
  expect(answer.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
});
