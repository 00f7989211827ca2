/** @file `npm start` as a program: the address line, a taken port, a clean end. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { freePort, startProgram } from './helpers/program';

test('serves on PORT under localhost and 127.0.0.1, prints its address on a line of its own, and ends cleanly', async () => {
  const port = await freePort();
  const program = startProgram({ PORT: String(port) });
  await expect.poll(() => program.output().split('\n')).toContain(`http://localhost:${port}/`);
  for (const host of ['localhost', '127.0.0.1']) {
    const answer = await fetch(`http://${host}:${port}/`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("connect-src 'self'");
    // Without them the processor computes on one thread.
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(answer.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
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
    const program = startProgram({ PORT: wish });
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain(sentence);
  }
  other.close();
});
