/**
 * @file Checks the boundaries between the modules: the rules of `boundaries.cjs`, that the table of src/README.md says the
 * same, and that every import it allows is made somewhere.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, format } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import boundaries from './boundaries.cjs';
import { ROOT } from './install.mjs';
import modules from './modules.cjs';

process.chdir(ROOT);
const { options, ...ruleSet } = boundaries;
const { output } = await cruise(['src'], { ...options, ruleSet, validate: true }, undefined, {
  tsConfig: extractTSConfig('tsconfig.json'),
});
if (typeof output === 'string') throw new Error('dependency-cruiser gave text where its result was asked for.');
const { exitCode, output: report } = await format(output, { outputType: 'err' });
console.log(report);

const complaints = [...unusedImports(output.modules), ...rowsOtherThanReadme()];
for (const complaint of complaints) console.error(complaint);
process.exit(exitCode === 0 && complaints.length === 0 ? 0 : 1);

/**
 * @param {import('dependency-cruiser').IModule[]} cruised
 * @returns {string[]} a sentence for each import that the table allows and nobody makes.
 */
function unusedImports(cruised) {
  const made = new Set(
    cruised.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => `${moduleOf(source)} imports ${moduleOf(resolved)}`),
    ),
  );
  return modules.MODULES.flatMap(({ name, imports }) =>
    imports
      .filter((imported) => !made.has(`${name} imports ${imported}`))
      .map((imported) => `The table lets ${name} import ${imported}, and nothing there does: take it out.`),
  );
}

/** @returns {string[]} a sentence for each row of .ci/modules.cjs that src/README.md does not have like that. */
function rowsOtherThanReadme() {
  const text = readFileSync(join(ROOT, 'src', 'README.md'), 'utf8');
  const rows = new Map([...text.matchAll(/^\| `(\w+)\/` \|.*\| ([^|]+) \|$/gm)].map(([, name, row]) => [name, row]));
  const names = new Set([...rows.keys(), ...Object.keys(modules.TABLE)]);
  return [...names]
    .filter((name) => rows.get(name) !== modules.TABLE[name])
    .map(
      (name) =>
        `${name} may import "${rows.get(name)}" after src/README.md, and "${modules.TABLE[name]}" after .ci/modules.cjs.`,
    );
}

/** @param {string} path */
function moduleOf(path) {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}
