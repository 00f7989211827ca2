/** @file Steps of `npm test`: one alone, or several side by side with the step's name before each of their lines. */

import { runCommand } from './install.mjs';

/**
 * @typedef {object} Step
 * @property {string} name as its heading shows it.
 * @property {string} program path from the root of what Node runs.
 * @property {string[]} args
 * @property {NodeJS.ProcessEnv} [env] more of the environment.
 */

/** Ends a program that hangs. */
const STEP_LIMIT_MS = 40 * 60_000;

/**
 * Runs steps side by side.
 * @param {Step[]} steps
 * @returns {Promise<number[]>} their exit codes, in the same order.
 */
export async function runSideBySide(steps) {
  if (steps.length === 1) return [await runStep(steps[0])];
  const width = Math.max(...steps.map(({ name }) => name.length));
  return await Promise.all(
    steps.map((step) => {
      const before = step.name.padEnd(width);
      return runStep(step, (line) => console.log(`${before} | ${line}`));
    }),
  );
}

/**
 * @param {Step} step
 * @param {(line: string) => void} [onLine] takes its output instead of the terminal.
 * @returns {Promise<number>} the exit code.
 */
async function runStep({ name, program, args, env }, onLine) {
  const colour = onLine && process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  return await timed(name, () =>
    runCommand(process.execPath, [program, ...args], {
      timeout: STEP_LIMIT_MS,
      env: { ...process.env, ...colour, ...env },
      onLine,
    }),
  );
}

/**
 * Runs work under its name and time.
 * @param {string} name
 * @param {() => Promise<number>} work
 * @returns {Promise<number>} the exit code of `work`.
 */
export async function timed(name, work) {
  console.log(`== ${name} ==`);
  const startedAt = performance.now();
  const code = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`== ${name}: ${code === 0 ? 'done' : 'FAILED'} in ${seconds} s ==`);
  return code;
}
