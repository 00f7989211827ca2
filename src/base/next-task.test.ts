import { expect, it } from 'vitest';
import { nextTask } from './next-task';

it('lets a message through that came before', async () => {
  const { port1, port2 } = new MessageChannel();
  const received: unknown[] = [];
  port1.onmessage = ({ data }) => received.push(data);
  port2.postMessage('pause');
  await Promise.resolve();
  expect(received).toEqual([]);
  await nextTask();
  expect(received).toEqual(['pause']);
  port1.close();
});
