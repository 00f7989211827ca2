/** @file What the build carries beside the studio: the licences of others, and its policy for servers that send no headers. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { packageFolder, readNotice } from '../.ci/notices-plugin.mjs';

test('names every package that the studio imports, and those within them, with their licences', () => {
  const notices = readFileSync('dist/third-party-notices.txt', 'utf8');
  const names = [...notices.matchAll(/^={100}\n(\S+) \d\S* \(.+\)\n={100}$/gm)].map(([, name]) => name);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  // The last four come with others, three of them in bundles of workers.
  const expected = [...Object.keys(dependencies), '@tensorflow/tfjs-core', 'fflate', 'assemblyscript', 'scheduler'];
  expect(names).toEqual(expect.arrayContaining(expected));
  expect(names).toEqual([...new Set(names)].sort());
  for (const words of ['NIST-developed software', 'HDF5 (Hierarchical Data Format 5)', 'Apache License', 'David Bau']) {
    expect(notices).toContain(words);
  }
});

test('does not build with a package whose licence is unknown', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'thorax-')), 'node_modules', '@some', 'package');
  mkdirSync(join(folder, 'esm'), { recursive: true });
  const describe = (facts: object) => writeFileSync(join(folder, 'package.json'), JSON.stringify(facts));
  const named = { name: '@some/package', version: '1.0.0' };
  describe(named);
  writeFileSync(join(folder, 'esm', 'package.json'), '{"type":"module"}');
  expect(packageFolder(`\0${folder}/esm/index.js?commonjs`)).toBe(folder);
  expect(packageFolder('/home/thorax/src/main.tsx')).toBeNull();

  expect(() => readNotice(folder)).toThrow(
    /@some\/package 1\.0\.0 is in the build, and its licence \(none\) has no text/,
  );
  describe({ ...named, license: 'MIT', author: { name: 'Ada' } });
  expect(readNotice(folder).texts[0]).toMatch(/^Copyright \(c\) Ada\n\nPermission is hereby granted/);
  writeFileSync(join(folder, 'LICENCE.md'), 'Do as you like.');
  writeFileSync(join(folder, 'NOTICE'), 'By Ada.');
  expect(readNotice(folder).texts).toEqual(['Do as you like.', 'By Ada.']);
});

test('carries its policy in the page, before anything is loaded', () => {
  const page = readFileSync('dist/index.html', 'utf8');
  const [tag = 'none', policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page) ?? [];
  const text = policy.replaceAll('&#39;', "'");
  expect(text).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';");
  expect(text).toContain("form-action 'none'");
  expect(text).not.toContain('frame-ancestors');
  expect(page).toContain(tag);
  for (const loads of ['<script', '<link']) expect(page.indexOf(tag)).toBeLessThan(page.indexOf(loads));
});
