/** @file Renders a part of a screen for tests, with only the stores that it should need. */

import { MantineProvider } from '@mantine/core';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Studio } from '../state/studio';
import { StudioProvider } from '../state/studio-context';

afterEach(cleanup);

/** @throws {Error} when what is rendered reads a store that is not given. */
export function renderScreen(content: ReactNode, stores: Partial<Studio>): void {
  const studio = new Proxy(stores, {
    get: (given, name) => {
      if (!(name in given)) throw new Error(`The test gives no ${String(name)} store.`);
      return Reflect.get(given, name);
    },
  });
  render(
    <MantineProvider env="test">
      <StudioProvider value={studio as Studio}>{content}</StudioProvider>
    </MantineProvider>,
  );
}

/** A store that holds only what a test says. */
export function storeOf<State>(part: Partial<State>): StoreApi<State> {
  return createStore(() => part as State);
}
