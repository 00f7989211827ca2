/** @file `npm start` as a program: the address line, a taken port, a clean end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

test('serves on PORT under localhost and 127.0.0.1, prints its address on a line of its own, and ends cleanly', async () => {
  const port = await freePort();
  const program = start(String(port));
  await expect.poll(() => program.output().split('\n')).toContain(`http://localhost:${port}/`);
  for (const host of ['localhost', '127.0.0.1']) {
    const answer = await fetch(`http://${host}:${port}/`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("connect-src 'self'");
  }
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});

test('says so when PORT is taken or is no port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  for (const [wish, sentence] of [
    [String(port), `Port ${port} is taken by another program`],
    ['eighty', 'PORT must be a whole number'],
  ]) {
    const program = start(wish);
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain(sentence);
  }
  other.close();
});

function start(port: string) {
  const child: ChildProcess = spawn(process.execPath, ['.ci/start.mjs', '--built'], {
    cwd: ROOT,
    env: { ...process.env, PORT: port },
  });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, output: () => text };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}
