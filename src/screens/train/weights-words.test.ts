import { expect, it } from 'vitest';
import type { WeightsStatus } from '../../domain/protocol';
import { keptNote, keptWords, removalWords, weightsNote } from './weights-words';

const MISSING: WeightsStatus = { network: 'vgg16', fileName: 'vgg16_notop.h5', url: '', present: false };
const OWN: WeightsStatus = {
  ...MISSING,
  present: true,
  kept: { name: 'my-vgg.h5', sizeBytes: 60 * 2 ** 20, official: false },
};
const INCEPTION: WeightsStatus = { ...MISSING, network: 'inceptionv3', fileName: 'inception_notop.h5' };

it('names a kept file and its size, and invents no name', () => {
  expect(keptWords({ name: 'my-vgg.h5', sizeBytes: 60 * 2 ** 20, official: false })).toBe('my-vgg.h5, 60 MB');
  expect(keptWords({ name: null, sizeBytes: 2 ** 20, official: false })).toBe('File name not recorded, 1.0 MB');
});

it('distinguishes an own file from the official one whatever their names, and names a file that nothing reads', () => {
  expect(keptNote(OWN)).toBe('Own file, in place of Keras’ vgg16_notop.h5');
  expect(keptNote({ ...OWN, kept: { name: null, sizeBytes: 1, official: false } })).toContain('Own file');
  expect(keptNote({ ...OWN, kept: { name: 'vgg16_notop.h5', sizeBytes: 1, official: false } })).toContain('Own file');
  expect(keptNote({ ...OWN, kept: { name: 'vgg16_notop (1).h5', sizeBytes: 1, official: true } })).toBeNull();
  expect(keptNote({ ...OWN, network: 'densenet121' })).toBe('No run reads it: DenseNet121 starts from random weights.');
});

it('says what removing a file means', () => {
  const kept = { name: 'mine.h5', sizeBytes: 2 ** 20, official: false };
  expect(removalWords('vgg16', kept)).toMatch(
    /^mine\.h5, 1\.0 MB, is removed from this browser\. VGG16 needs a file again/,
  );
  expect(removalWords('densenet121', kept)).toBe('mine.h5, 1.0 MB, is removed from this browser.');
});

it('has a note before a network is ticked, and none when one is', () => {
  const none = weightsNote([MISSING, INCEPTION], [], false);
  expect(none).toMatch(/^No file is kept in this browser yet\. VGG16 and InceptionV3 start from ImageNet weights/);
  expect(weightsNote([OWN, INCEPTION], ['baseline'], false)).toMatch(/none is needed now/);
  expect(weightsNote([MISSING, INCEPTION], ['vgg16'], true)).toMatch(/“Start from random weights” is switched on/);
  expect(weightsNote([MISSING, INCEPTION], ['vgg16'], false)).toBeNull();
});
