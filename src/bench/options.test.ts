import { describe, expect, it } from 'vitest';
import { parseOptions } from './options';

describe('parseOptions', () => {
  it('measures every network by default', () => {
    expect(parseOptions([])).toMatchObject({
      networks: ['baseline', 'vgg16', 'inceptionv3', 'densenet121'],
      inputSize: null,
      batch: null,
      device: 'webgpu',
      sides: null,
      augmentation: true,
    });
  });

  it('reads every word, with a blank or an equals sign before the value', () => {
    const words = '--network vgg16,Baseline --input-size=64 --batch 8 --steps 2 --skip-stock --json a=b.json';
    expect(parseOptions([...words.split(' '), '--no-augmentation', '--open'])).toEqual({
      device: 'webgpu',
      threads: null,
      networks: ['vgg16', 'baseline'],
      inputSize: 64,
      batch: 8,
      steps: 2,
      kernels: false,
      shapes: null,
      soakSteps: null,
      sides: ['ours'],
      augmentation: false,
      jsonPath: 'a=b.json',
      kerasPath: null,
      open: true,
    });
  });

  it('measures the processor beside what is named, ours first', () => {
    const words = '--device processor --threads 2 --sides stock,webgpu --keras keras.json';
    expect(parseOptions(words.split(' '))).toMatchObject({
      device: 'processor',
      threads: 2,
      sides: ['ours', 'webgpu', 'stock'],
      kerasPath: 'keras.json',
    });
  });

  it('measures kernels or soaks', () => {
    expect(parseOptions(['--kernels', '--shapes', '1'])).toMatchObject({ kernels: true, shapes: 1 });
    expect(parseOptions(['--soak', '2000'])).toMatchObject({ soakSteps: 2000 });
  });

  it.each([
    [['--kernels', '--soak', '5'], '--kernels and --soak are two runs.'],
    [['--network', 'resnet'], 'There is no network resnet; there are baseline, vgg16, inceptionv3, densenet121.'],
    [['--device', 'webgl'], 'There is no device webgl; there are webgpu, processor.'],
    [['--threads', '2'], '--threads are those of --device processor.'],
    [['--sides', 'webgpu'], 'On WebGPU ours is the side webgpu.'],
    [['--batch', '0'], '--batch must be a whole number between 1 and 512; 0 is not.'],
    [['--input-size', '1.5'], '--input-size must be a whole number between 1 and 1024; 1.5 is not.'],
    [
      ['--network', 'vgg16,densenet121', '--input-size', '31'],
      '--input-size must be at least 32 for this; 31 is too small.',
    ],
    [['--json'], '--json needs a value.'],
    [['--batch', '--steps', '2'], '--batch needs a value.'],
    [['fast'], 'The benchmark does not know fast.'],
  ])('refuses %j in a sentence', (words, sentence) => {
    expect(() => parseOptions(words)).toThrow(sentence);
  });
});
