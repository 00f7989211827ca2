import * as tf from '@tensorflow/tfjs';
import { beforeEach, expect, it, vi } from 'vitest';
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
  const started: Device[] = [];
  const startDevice = vi.fn(async (backend: DeviceKind = 'webgpu') => {
    const status = { ...studioDevice.status, backend, adapter: `Test ${started.length}` };
    const gflops = started.length;
    const device = { ...studioDevice, status, stop: vi.fn(), measureProduct: async () => gflops };
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
