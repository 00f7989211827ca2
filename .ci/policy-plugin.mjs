/** @file A Vite plugin that writes the Content-Security-Policy into the built page, for servers that send no headers. */

import { META_POLICY } from './headers.mjs';

/** @returns {import('vite').Plugin} not for the development server, whose live reload needs an inline script. */
export function policyPlugin() {
  return {
    name: 'thorax-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: META_POLICY },
        // Nothing may be loaded before it.
        injectTo: 'head-prepend',
      },
    ],
  };
}
