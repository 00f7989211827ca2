import { expect, it } from 'vitest';
import { UNIT_SCALING } from '../../domain/input-scaling';
import type { ModelReading } from '../../domain/model-reading';
import { readingWords } from './model-words';

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
