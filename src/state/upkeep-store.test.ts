import { expect, it } from 'vitest';
import { createUpkeepStore } from './upkeep-store';

function setUp({ count = 0, raw = null as unknown } = {}) {
  const saved: File[] = [];
  const store = createUpkeepStore({
    api: { sweepLeftovers: async () => ({ ok: true, value: { count, sizeBytes: 7 } }) },
    source: {
      readRaw: async () => {
        if (raw instanceof Error) throw raw;
        return raw;
      },
    },
    saveFile: (file) => void saved.push(file),
  });
  return { store, saved };
}

it('says what was swept until it has been seen, and nothing when it was nothing', async () => {
  const { store } = setUp({ count: 2 });
  await store.getState().sweep();
  expect(store.getState().swept).toEqual({ count: 2, sizeBytes: 7 });
  store.getState().dismissSwept();
  expect(store.getState().swept).toBeNull();

  const { store: clean } = setUp();
  await clean.getState().sweep();
  expect(clean.getState().swept).toBeNull();
});

it('saves a record as it is stored', async () => {
  const { store, saved } = setUp({ raw: { record: { id: 'a', loss: Number.NaN }, predictions: [] } });
  await store.getState().saveRaw('a');
  expect(saved[0].name).toBe('thorax-run-a.json');
  expect(JSON.parse(await saved[0].text())).toEqual({ record: { id: 'a', loss: 'NaN' }, predictions: [] });
});

it('says in a sentence why a record could not be saved', async () => {
  for (const [raw, sentence] of [
    [null, 'This run is no longer stored.'],
    [new Error('no'), expect.stringContaining('no')],
  ]) {
    const { store, saved } = setUp({ raw });
    await store.getState().saveRaw('a');
    expect(store.getState().failure).toEqual(sentence);
    expect(saved).toEqual([]);
  }
});

it('shows what happened to a worker once, until it has been seen', () => {
  const { store } = setUp();
  for (const sentence of ['One stopped.', 'Another stopped.', 'One stopped.']) store.getState().reportTrouble(sentence);
  expect(store.getState().troubles).toEqual(['Another stopped.', 'One stopped.']);
  store.getState().dismissTroubles();
  expect(store.getState().troubles).toEqual([]);
});
