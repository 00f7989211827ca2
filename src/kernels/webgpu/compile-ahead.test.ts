import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { describe, expect, it, vi } from 'vitest';
import { compileAhead } from './compile-ahead';

/** A driver that compiles on command, behind as much of TensorFlow.js' backend as is used. */
function fakeBackend() {
  const pipelineCache: Record<string, unknown> = {};
  const asked: { key: string; compile: () => void; refuse: () => void }[] = [];
  const work = (...keys: string[]) => {
    for (const key of keys) {
      pipelineCache[key] ??= new Promise((resolve, reject) => {
        asked.push({ key, compile: () => resolve(`compiled ${key}`), refuse: () => reject(new Error('refused')) });
      });
    }
  };
  return { backend: { pipelineCache } as unknown as WebGPUBackend, pipelineCache, asked, work };
}

const nothing = () => undefined;
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('compileAhead', () => {
  it('counts what is compiled, and leaves out what the driver refuses', async () => {
    const { backend, pipelineCache, asked, work } = fakeBackend();
    const onProgress = vi.fn();
    const compiling = compileAhead(backend, () => work('a', 'b'), onProgress, new AbortController().signal);
    await turn();
    asked[0].compile();
    asked[1].refuse();
    await compiling;
    expect(onProgress.mock.calls).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(pipelineCache).toEqual({ a: 'compiled a' });
  });

  it('never leaves a promise in the cache, nor its flags set, while others may use the device', async () => {
    const { backend, pipelineCache, asked, work } = fakeBackend();
    let isCompileOnly = false;
    const compiling = compileAhead(
      backend,
      () => {
        work('a', 'b');
        isCompileOnly = tf.env().getBool('WEBGPU_ENGINE_COMPILE_ONLY');
      },
      nothing,
      new AbortController().signal,
    );
    await turn();
    expect(isCompileOnly).toBe(true);
    expect(tf.env().getBool('WEBGPU_ENGINE_COMPILE_ONLY')).toBe(false);
    expect(pipelineCache).toEqual({});
    // As another's work does that needs one of them now.
    pipelineCache.a = 'compiled at once';
    for (const { compile } of asked) compile();
    await compiling;
    expect(pipelineCache).toEqual({ a: 'compiled at once', b: 'compiled b' });
  });

  it('given up, ends at once and is silent; what is under way is waited for and not asked for again', async () => {
    const { backend, pipelineCache, asked, work } = fakeBackend();
    const stop = new AbortController();
    const onProgress = vi.fn();
    const compiling = compileAhead(backend, () => work('a', 'b'), onProgress, stop.signal);
    await turn();
    asked[0].compile();
    await turn();
    stop.abort();
    await compiling;
    expect(pipelineCache).toEqual({ a: 'compiled a' });

    const again = compileAhead(backend, () => work('a', 'b', 'c'), nothing, new AbortController().signal);
    await turn();
    asked[1].compile();
    await turn();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    asked[2].compile();
    await again;
    expect(Object.keys(pipelineCache)).toEqual(['a', 'b', 'c']);
    expect(onProgress.mock.calls).toEqual([[1, 2]]);
  });

  it('given up before it began, or while it waits for what was given up, asks for nothing', async () => {
    const { backend, asked, work } = fakeBackend();
    await compileAhead(backend, () => work('a'), nothing, AbortSignal.abort());
    expect(asked).toEqual([]);
    for (let times = 0; times < 2; times += 1) {
      const stop = new AbortController();
      const compiling = compileAhead(backend, () => work('a'), nothing, stop.signal);
      await turn();
      stop.abort();
      await compiling;
    }
    expect(asked).toHaveLength(1);
  });

  it('fails at once when the work does, and keeps what it had asked for', async () => {
    const { backend, pipelineCache, asked, work } = fakeBackend();
    const failing = compileAhead(
      backend,
      () => {
        work('a');
        throw new Error('no memory');
      },
      nothing,
      new AbortController().signal,
    );
    await expect(failing).rejects.toThrow('no memory');
    expect(tf.env().getBool('WEBGPU_ENGINE_COMPILE_ONLY')).toBe(false);
    expect(pipelineCache).toEqual({});
    asked[0].compile();
    await turn();
    expect(pipelineCache).toEqual({ a: 'compiled a' });
  });
});
