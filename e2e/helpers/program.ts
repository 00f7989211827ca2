/** @file `npm start`'s program on a free port, with an environment of the test's own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const START_MS = 30_000;

export interface Program {
  child: ChildProcess;
  /** Everything written so far. */
  output(): string;
  /** The exit code. */
  ended: Promise<number | null>;
}

/** Serves the build that is there. */
export function startProgram(env: Record<string, string>): Program {
  const child = spawn(process.execPath, ['.ci/start.mjs', '--built'], { cwd: ROOT, env: { ...process.env, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, output: () => text };
}

export interface Serving {
  address: string;
  pid: number;
  end(): Promise<void>;
}

/** The same, once it serves the page. */
export async function startServing(env: Record<string, string>, wish?: number): Promise<Serving> {
  const port = wish ?? (await freePort());
  const program = startProgram({ ...env, PORT: String(port) });
  const address = `http://localhost:${port}/`;
  const until = Date.now() + START_MS;
  while (!program.output().includes(address)) {
    if (Date.now() > until) throw new Error(`The server did not start: ${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    address,
    pid: program.child.pid ?? 0,
    end: async () => {
      program.child.kill('SIGTERM');
      await program.ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}
