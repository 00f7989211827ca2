/** @file What the service worker needs of its global object: TypeScript's library for workers excludes the one for pages. */

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}

interface EventsByName {
  install: ExtendableEvent;
  activate: ExtendableEvent;
  fetch: FetchEvent;
  message: MessageEvent<unknown>;
}

export interface ServiceWorkerScope {
  location: Location;
  skipWaiting(): Promise<void>;
  addEventListener<Name extends keyof EventsByName>(type: Name, listener: (event: EventsByName[Name]) => void): void;
}
