import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceKind } from '../domain/device';
import { StudioError, unwrap } from '../domain/failure';
import type { Device } from './device';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

/** A machine with both devices; WebGPU first. */
function studio() {
  const { records, stores } = memoryStores();
  const started: (Device & { lose(): void })[] = [];
  const startDevice = vi.fn(async (backend: DeviceKind = 'webgpu') => {
    const status = { ...studioDevice.status, backend, adapter: `Test ${started.length}` };
    const gflops = started.length;
    let error: StudioError | null = null;
    const device = {
      ...studioDevice,
      status,
      stop: vi.fn(),
      measureProduct: async () => gflops,
      isLost: () => error !== null,
      check: () => {
        if (error) throw error;
      },
      lose: () => {
        error = new StudioError('gpu-lost', 'The GPU was lost.');
      },
    };
    started.push(device);
    return device;
  });
  const handler = new StudioHandler(startDevice, async () => stores, pixels, noFiles);
  return { handler, records, started, startDevice };
}

it('computes on the chosen device from then on, and ends the old one', async () => {
  const { handler, started, startDevice } = studio();
  unwrap(await handler.startRun(request(), () => undefined));
  const tensorsBefore = tf.memory().numTensors;
  const file = new File([], 'film.png');
  unwrap(await handler.explain({ runId: 'run-1', weights: 'last', file, classIndex: 1 }));
  expect(tf.memory().numTensors).toBeGreaterThan(tensorsBefore);
  expect(unwrap(await handler.measureProduct())).toBe(0);

  expect(unwrap(await handler.chooseDevice('processor'))).toMatchObject({ backend: 'processor', adapter: 'Test 1' });
  expect(started[0].stop).toHaveBeenCalledTimes(1);
  // The network that was loaded there is gone.
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(unwrap(await handler.describeDevice())).toMatchObject({ adapter: 'Test 1' });
  expect(unwrap(await handler.measureProduct())).toBe(1);
  expect(unwrap(await handler.startRun({ ...request(), runId: 'run-2' }, () => undefined)).gpu).toBe(
    'Test 1 (processor)',
  );

  unwrap(await handler.chooseDevice('processor'));
  expect(startDevice).toHaveBeenCalledTimes(2);
});

it('is refused while a run is going, which goes on', async () => {
  const { handler, started } = studio();
  const running = handler.startRun(request(), () => undefined);
  expect(await handler.chooseDevice('processor')).toMatchObject({
    ok: false,
    failure: { code: 'busy', sentence: 'A network is training. Another device can be chosen when the run has ended.' },
  });
  expect(unwrap(await running)).toMatchObject({ status: 'finished', gpu: 'Test 0 (webgpu)' });
  expect(started).toHaveLength(1);
});

it('lets a run that comes meanwhile wait for the new device', async () => {
  const { handler } = studio();
  const choosing = handler.chooseDevice('processor');
  const record = unwrap(await handler.startRun(request(), () => undefined));
  unwrap(await choosing);
  expect(record.gpu).toBe('Test 1 (processor)');
});

it('keeps the old device where the new one does not start', async () => {
  const { handler, started, startDevice } = studio();
  unwrap(await handler.describeDevice());
  startDevice.mockRejectedValueOnce(new StudioError('no-gpu', 'The GPU refused.'));
  expect(await handler.chooseDevice('processor')).toMatchObject({ failure: { sentence: 'The GPU refused.' } });
  expect(started[0].stop).not.toHaveBeenCalled();
  expect(unwrap(await handler.describeDevice())).toMatchObject({ backend: 'webgpu' });
});

describe('a device that is lost', () => {
  const file = new File([], 'film.png');
  const explainRun = { runId: 'run-1', weights: 'last', file, classIndex: 1 } as const;

  it('in a run ends it as interrupted; the next one begins on the same kind of device, started anew', async () => {
    const { handler, records, started, startDevice } = studio();
    unwrap(await handler.chooseDevice('processor'));
    const record = unwrap(
      await handler.startRun(request(), (event) => {
        if (event.type === 'epochEnded' && event.log.epoch === 2) started[1].lose();
      }),
    );
    expect(record).toMatchObject({ status: 'interrupted', failure: 'The GPU was lost.' });
    expect(records.get('run-1')).toMatchObject({ status: 'interrupted', epochs: [{ epoch: 1 }, { epoch: 2 }] });
    const restored = unwrap(await handler.startRun({ ...request(), start: 'checkpoint' }, () => undefined));
    expect(startDevice).toHaveBeenLastCalledWith('processor');
    expect(started[1].stop).toHaveBeenCalledTimes(1);
    expect(restored).toMatchObject({ status: 'finished', gpu: 'Test 1 (processor), then Test 2 (processor)' });
    expect(restored.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it('between two requests is started anew by the next: an explanation, a preview, a choice', async () => {
    const { handler, started } = studio();
    unwrap(await handler.startRun(request(), () => undefined));
    const tensorsBefore = tf.memory().numTensors;
    unwrap(await handler.explain(explainRun));
    started[0].lose();
    unwrap(await handler.explain(explainRun));
    expect(started).toHaveLength(2);
    started[1].lose();
    const { augmentation } = request().recipe;
    const ask = { path: 'a.png', datasetId: 'dots', size: 6, interpolation: 'nearest', seed: 1, count: 1 } as const;
    unwrap(await handler.previewAugmentation({ ...ask, augmentation }));
    expect(started).toHaveLength(3);
    // What was loaded on the old one is gone.
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    started[2].lose();
    expect(unwrap(await handler.chooseDevice('webgpu'))).toMatchObject({ adapter: 'Test 3' });
  });

  it('during an explanation is started anew, and the explanation is made on that one', async () => {
    const { handler, started } = studio();
    unwrap(await handler.startRun(request(), () => undefined));
    const decode = vi.spyOn(pixels, 'decodeFile').mockImplementationOnce(async (_file, size) => {
      started[0].lose();
      return { ok: true, value: { data: new Uint8Array(size * size * 3), count: 1, size } };
    });
    expect(unwrap(await handler.explain(explainRun)).runId).toBe('run-1');
    expect(started).toHaveLength(2);
    decode.mockRestore();
  });

  it('that does not start again at once is tried once more, and later again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { handler, started, startDevice } = studio();
      unwrap(await handler.measureProduct());
      started[0].lose();
      startDevice.mockRejectedValueOnce(new StudioError('no-gpu', 'Not yet.'));
      const choosing = handler.chooseDevice('webgpu');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(unwrap(await choosing)).toMatchObject({ adapter: 'Test 1' });

      started[1].lose();
      startDevice.mockRejectedValue(new StudioError('no-gpu', 'Gone.'));
      const failing = handler.chooseDevice('webgpu');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await failing).toMatchObject({
        failure: { code: 'no-gpu', sentence: expect.stringMatching(/could not be started anew\. Gone\. Reload/) },
      });
      startDevice.mockRestore();
    } finally {
      vi.useRealTimers();
    }
  });
});
