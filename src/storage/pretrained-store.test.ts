import { expect, it } from 'vitest';
import { decodeNote, encodeNote } from './pretrained-store';

it('reads its own notes about a kept file, and the bare names of older notes', () => {
  const note = { name: 'vgg16 (1).h5', official: true };
  expect(decodeNote(encodeNote(note))).toEqual(note);
  expect(decodeNote('my-vgg.h5')).toEqual({ name: 'my-vgg.h5', official: null });
  expect(decodeNote('7')).toEqual({ name: '7', official: null });
  expect(decodeNote('{"name":7,"official":true}')).toEqual({ name: '{"name":7,"official":true}', official: null });
  expect(decodeNote('')).toEqual({ name: null, official: null });
});
