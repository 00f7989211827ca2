import { expect, it } from 'vitest';
import { UNIT_SCALING } from '../../domain/input-scaling';
import type { ModelReading } from '../../domain/model-reading';
import { testRecord } from '../../domain/run-test-kit';
import { importedWords, readingWords } from './model-words';

const READING: ModelReading = {
  network: 'baseline',
  classCount: 3,
  configuration: 'stated',
  inputSize: { kind: 'stated', size: 22 },
  inputScaling: { kind: 'assumed', scaling: UNIT_SCALING },
};

it('says of weights alone that the rest is assumed, and of a whole model that only the scaling is', () => {
  const whole = readingWords(READING, UNIT_SCALING);
  expect(whole).toContain('Read as Baseline, 3 classes, input 22 px; pixels ÷ 255 assumed');
  expect(whole).not.toContain('activations');
  const alone = readingWords({ ...READING, configuration: 'absent' }, UNIT_SCALING);
  expect(alone).toContain('weights alone: its activations and padding are assumed to be those of Baseline here');
});

it('a row keeps what the test of an imported model rests on', () => {
  const record = testRecord({ id: 'a', inputScaling: UNIT_SCALING, scalingAssumed: true });
  expect(importedWords(record)).toBe(
    'pixels ÷ 255 assumed: the file does not state it; images resized to the nearest pixel',
  );
  expect(importedWords({ ...record, scalingAssumed: false, configurationAssumed: true })).toBe(
    'pixels ÷ 255, as the file states; images resized to the nearest pixel; activations and padding assumed: the file holds weights alone',
  );
});
