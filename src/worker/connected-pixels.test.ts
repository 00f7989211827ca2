import { expect, it } from 'vitest';
import { ConnectedPixels } from './connected-pixels';
import { images, pixels } from './studio-test-kit';

it('asks the dataset worker as soon as it is connected', async () => {
  const connected = new ConnectedPixels();
  const answer = connected.listImages('dots');
  connected.connectSource(pixels);
  expect(await answer).toEqual({ ok: true, value: images });
});

it('fails the calls that a dead dataset worker left open, and asks the new one', async () => {
  const connected = new ConnectedPixels();
  connected.connectSource({ ...pixels, listImages: () => new Promise(() => undefined) });
  const unanswered = connected.listImages('dots');
  await Promise.resolve();
  await Promise.resolve();
  connected.connectSource(pixels);
  expect(await unanswered).toMatchObject({
    ok: false,
    failure: { sentence: expect.stringMatching(/Open the folder/) },
  });
  expect(await connected.listImages('dots')).toEqual({ ok: true, value: images });
});
