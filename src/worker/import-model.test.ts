import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { sizeOf } from '../domain/architecture';
import { StudioError, unwrap } from '../domain/failure';
import { RAW_SCALING, SYMMETRIC_SCALING, UNIT_SCALING } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import type { ImportModelRequest, ImportPhase, PixelSource, RunEvent } from '../domain/protocol';
import type { Device } from './device';
import { StudioHandler } from './studio-handler';
import { dataset, fakeFiles, memoryStores, pixels, request, SIZE, studioDevice } from './studio-test-kit';

const READING: ModelReading = {
  network: 'baseline',
  classCount: 2,
  inputSize: { kind: 'stated', size: SIZE },
  configuration: 'stated',
  inputScaling: { kind: 'assumed', scaling: UNIT_SCALING },
};

const ASKED: ImportModelRequest = {
  runId: 'imported',
  file: new File([], 'trained.keras'),
  dataset,
  inputSize: null,
  assumedScaling: UNIT_SCALING,
};

/** Any numbers of the right shapes. */
async function* numbers() {
  for (const { shape } of weightSpecs(buildNetwork('baseline', SIZE, 2))) {
    yield Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i) / 10);
  }
}

function studio({
  reading = READING,
  readWeights = numbers,
  device = {} as Partial<Device>,
  source = pixels as PixelSource,
} = {}) {
  const { records, predictions, checkpoints, stores } = memoryStores();
  const files = fakeFiles({ readModel: async () => reading, readWeights });
  const handler = new StudioHandler(
    async () => ({ ...studioDevice, ...device }),
    async () => stores,
    source,
    files,
  );
  const phases: ImportPhase[] = [];
  const importModel = (change: Partial<ImportModelRequest> = {}) =>
    handler.importModel({ ...ASKED, ...change }, (phase) => void phases.push(phase));
  return { handler, records, predictions, checkpoints, phases, importModel };
}

/** What the imported model predicts of the first test image. */
async function importAndPredict(
  { importModel, predictions }: ReturnType<typeof studio>,
  assumedScaling = UNIT_SCALING,
) {
  const record = unwrap(await importModel({ assumedScaling }));
  return { record, probabilities: predictions.get(record.id)?.last?.[0].probabilities };
}

beforeEach(async () => {
  await tf.setBackend('cpu');
});

describe('a model of another program', () => {
  it('is stored, tested and becomes a record', async () => {
    const { records, checkpoints, phases, importModel } = studio();
    const record = unwrap(await importModel());
    expect(record).toMatchObject({ status: 'finished', sourceFile: 'trained.keras', recipe: { inputSize: SIZE } });
    expect(record).toMatchObject({ inputScaling: UNIT_SCALING, scalingAssumed: true });
    expect(records.get('imported')).toEqual(record);
    expect([...checkpoints.saved.keys()]).toEqual(['imported/last']);
    expect(phases).toEqual(['reading', 'testing']);
  });

  it('is tested with the scaling that was chosen, or that its file states', async () => {
    const unit = await importAndPredict(studio());
    const raw = await importAndPredict(studio(), RAW_SCALING);
    expect(raw.record).toMatchObject({ inputScaling: RAW_SCALING, scalingAssumed: true });
    expect(raw.probabilities).toHaveLength(2);
    expect(raw.probabilities).not.toEqual(unit.probabilities);
    const reading: ModelReading = { ...READING, inputScaling: { kind: 'stated', scaling: SYMMETRIC_SCALING } };
    const stated = await importAndPredict(studio({ reading }), RAW_SCALING);
    expect(stated.record).toMatchObject({ inputScaling: SYMMETRIC_SCALING, scalingAssumed: false });
    expect(stated.probabilities).not.toEqual(raw.probabilities);
  });

  it('is explained with that scaling too', async () => {
    const { handler, importModel } = studio();
    unwrap(await importModel());
    unwrap(await importModel({ runId: 'raw', assumedScaling: RAW_SCALING }));
    const file = new File([], 'film.png');
    const ask = { weights: 'last', file, classIndex: 0 } as const;
    const unit = unwrap(await handler.explain({ ...ask, runId: 'imported' }));
    const raw = unwrap(await handler.explain({ ...ask, runId: 'raw' }));
    expect(raw.probabilities).not.toEqual(unit.probabilities);
  });

  it('is not tested on an image whose class the dataset has not', async () => {
    const listImages = async () => ({
      ok: true as const,
      value: [{ path: 'test/2/3.png', split: 'test' as const, classIndex: 2, sizeBytes: 1 }],
    });
    const { importModel, records, checkpoints } = studio({ source: { ...pixels, listImages } });
    expect(await importModel()).toMatchObject({
      ok: false,
      failure: { code: 'bad-input', sentence: expect.stringContaining('test/2/3.png of dots is labelled with class') },
    });
    expect([records.size, checkpoints.saved.size]).toEqual([0, 0]);
  });

  it('waits for the training to end, which Stop still ends at once', async () => {
    const { handler, records, predictions, checkpoints, phases, importModel } = studio();
    const order: string[] = [];
    let imported: Promise<unknown> = Promise.resolve();
    const onEvent = (event: RunEvent) => {
      if (event.type === 'runStarted') imported = importModel().then(() => order.push('imported'));
      if (event.type !== 'epochEnded' || order.length > 0) return;
      order.push('epoch');
      // Read and stored beside the training, and not tested yet.
      void vi
        .waitFor(() => expect(phases).toEqual(['reading', 'waiting']), { timeout: 20_000 })
        .then(() => {
          order.push('waits');
          expect([...checkpoints.saved.keys()]).toContain('imported/last');
          expect(records.has('imported')).toBe(false);
          return handler.stopRun();
        });
    };
    const record = unwrap(await handler.startRun(request({ epochs: 500 }), onEvent));
    order.push('stopped');
    await imported;
    expect(record.status).toBe('stopped');
    expect(order).toEqual(['epoch', 'waits', 'stopped', 'imported']);
    expect(phases).toEqual(['reading', 'waiting', 'testing']);
    expect(records.has('imported')).toBe(true);
    expect(predictions.get('imported')?.last).toHaveLength(2);
  });

  it('is asked for its input size where the file leaves it open, and only a size that fits is accepted', async () => {
    const reading: ModelReading = { ...READING, inputSize: { kind: 'asked', min: SIZE, max: SIZE + 1 } };
    for (const inputSize of [null, SIZE - 1, SIZE + 0.5, SIZE + 2]) {
      const { checkpoints, importModel } = studio({ reading });
      const outcome = await importModel({ inputSize });
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'bad-input' } });
      expect(!outcome.ok && outcome.failure.sentence).toContain(`from ${SIZE} to ${SIZE + 1} pixels`);
      expect(checkpoints.saved.size).toBe(0);
    }
    expect(unwrap(await studio({ reading }).importModel({ inputSize: SIZE })).recipe.inputSize).toBe(SIZE);
  });
});

describe('nothing stays behind', () => {
  const damaged = async function* () {
    yield* numbers();
    throw new StudioError('bad-weights', 'trained.keras is damaged.');
  };

  it.each([
    ['the file is damaged', { readWeights: damaged }, 'bad-weights'],
    ['the classes are of another number', { reading: { ...READING, classCount: 3 } }, 'bad-input'],
    [
      'the GPU does not vouch for the test',
      {
        device: {
          settle: async () => {
            throw new StudioError('gpu-lost', 'The GPU was lost.');
          },
        },
      },
      'gpu-lost',
    ],
  ])('when %s', async (_why, faults, code) => {
    const { records, checkpoints, importModel } = studio(faults);
    expect(await importModel()).toMatchObject({ ok: false, failure: { code } });
    expect(records.size).toBe(0);
    expect(checkpoints.saved.size).toBe(0);
  });
});
