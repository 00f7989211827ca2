import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countSentBytes, type SendingScope } from './sent-bytes';

const OWN = 'http://localhost:4173';
const OTHER = 'https://other.example/take?what=1';

let reported: number[];
let scope: SendingScope;
let violate: (blockedURI: string, disposition?: 'enforce' | 'report') => void;
let list: (entries: { name: string; initiatorType: string }[]) => void;
let fetched: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  reported = [];
  fetched = [];
  scope = {
    fetch: async (...words) => {
      fetched.push(words);
      return new Response();
    },
    navigator: { sendBeacon: () => true },
    location: { href: `${OWN}/`, origin: OWN },
    addEventListener: (_type, listener) => {
      violate = (blockedURI, disposition = 'enforce') =>
        listener({ blockedURI, disposition } as SecurityPolicyViolationEvent);
    },
    PerformanceObserver: class {
      constructor(callback: PerformanceObserverCallback) {
        list = (entries) => callback({ getEntries: () => entries } as never, this as never);
      }
      observe() {}
    } as unknown as typeof PerformanceObserver,
  };
  countSentBytes(scope, (bytes) => reported.push(bytes));
});
afterEach(() => void vi.useRealTimers());

const sum = () => reported.reduce((total, bytes) => total + bytes, 0);

it('counts nothing for the files of its own server and for what lies in the browser', async () => {
  await scope.fetch('/assets/a.js');
  await scope.fetch(`${OWN}/pretrained/vgg16.h5`, { headers: { Range: 'bytes=5-' } });
  await scope.fetch('blob:http://localhost:4173/1', { method: 'POST', body: 'kept' });
  list([{ name: `${OWN}/thorax.svg`, initiatorType: 'img' }]);
  await vi.runAllTimersAsync();
  expect(reported).toEqual([]);
  expect(fetched).toHaveLength(3);
});

it.each([
  ['text', 'é', 2],
  ['bytes', new Uint8Array([1, 2, 3]), 3],
  ['a buffer', new ArrayBuffer(7), 7],
  ['a file', new Blob(['12345']), 5],
  ['fields', new URLSearchParams({ a: '1' }), 3],
])('counts a body of %s to its own server', async (_name, body, bytes) => {
  await scope.fetch('/upload', { method: 'POST', body });
  await vi.runAllTimersAsync();
  expect(sum()).toBe(bytes);
});

it('counts the body that a request carries, and a stream as it is read', async () => {
  await scope.fetch(new Request(`${OWN}/upload`, { method: 'POST', body: '1234' }));
  await vi.runAllTimersAsync();
  expect(sum()).toBe(4);
  const stream = new Blob(['123']).stream();
  await scope.fetch('/upload', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
  const [, init] = fetched.at(-1) as [unknown, RequestInit];
  expect(await new Response(init.body).text()).toBe('123');
  expect(sum()).toBe(7);
});

it('counts the address, too, of a request to another origin, whether it was answered or not', async () => {
  await scope.fetch(OTHER, { method: 'POST', body: '12345' });
  expect(reported).toEqual([]);
  await vi.runAllTimersAsync();
  expect(sum()).toBe(OTHER.length + 5);
  scope.navigator?.sendBeacon?.('https://other.example/', '1');
  await vi.runAllTimersAsync();
  expect(sum()).toBe(OTHER.length + 5 + 'https://other.example/'.length + 1);
});

it('does not count what the policy has blocked, however it was asked for', async () => {
  void scope.fetch(`${OTHER}#part`);
  violate(OTHER);
  violate(OTHER);
  list([{ name: OTHER, initiatorType: 'img' }]);
  await vi.runAllTimersAsync();
  expect(reported).toEqual([]);
  void scope.fetch('https://another.example/');
  violate('https://another.example/', 'report');
  await vi.runAllTimersAsync();
  expect(sum()).toBe('https://another.example/'.length);
});

it('counts what the browser lists beside, such as an image of another origin, and nothing twice', async () => {
  list([
    { name: 'https://other.example/a.png', initiatorType: 'img' },
    { name: OTHER, initiatorType: 'fetch' },
    { name: OTHER, initiatorType: 'beacon' },
  ]);
  await vi.runAllTimersAsync();
  expect(sum()).toBe('https://other.example/a.png'.length);
});
