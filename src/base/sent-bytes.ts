/**
 * @file Counts what a page or a worker sends, as the code asks for it: the bodies of requests to whatever address, and also the
 * addresses of requests that go to another origin. The address of one's own server in a request without a body is not counted:
 * it names a file of the studio.
 *
 * Seen are `fetch`, `XMLHttpRequest`, `sendBeacon` and `WebSocket`, and by the browser's own list (Resource Timing) what else
 * loads from another origin, such as images and styles. Not seen are WebRTC and pages that are opened. What the
 * Content-Security-Policy blocks has not been sent and is not counted.
 */

/** What the count needs of a page's or a worker's global object. */
export interface SendingScope {
  fetch: typeof fetch;
  XMLHttpRequest?: typeof XMLHttpRequest;
  WebSocket?: typeof WebSocket;
  navigator?: { sendBeacon?: Navigator['sendBeacon'] };
  PerformanceObserver?: typeof PerformanceObserver;
  location: { href: string; origin: string };
  addEventListener(type: 'securitypolicyviolation', listener: (event: SecurityPolicyViolationEvent) => void): void;
}

/** The browser reports a blocked request before this has passed. */
const VERDICT_MS = 500;
/** Of what the browser lists, these have been counted already. */
const COUNTED_INITIATORS = ['fetch', 'xmlhttprequest', 'beacon'];

/**
 * Counts from now on.
 * @param report is called with each number of bytes that has been sent.
 */
export function countSentBytes(scope: SendingScope, report: (bytes: number) => void): void {
  const meter = new Meter(scope, report);
  countFetch(scope, meter);
  if (scope.XMLHttpRequest) countXhr(scope.XMLHttpRequest, meter);
  if (scope.navigator?.sendBeacon) countBeacon(scope.navigator, meter);
  if (scope.WebSocket) countSockets(scope, scope.WebSocket, meter);
  if (scope.PerformanceObserver) {
    new scope.PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (COUNTED_INITIATORS.includes((entry as PerformanceResourceTiming).initiatorType)) continue;
        // Chromium lists what the policy has blocked, too.
        void meter.requested(entry.name, 0);
      }
    }).observe({ type: 'resource', buffered: true });
  }
}

class Meter {
  /** Addresses; the policy never changes, so what it blocked once it always blocks. */
  private readonly blocked = new Set<string>();

  constructor(
    private readonly scope: SendingScope,
    readonly report: (bytes: number) => void,
  ) {
    scope.addEventListener('securitypolicyviolation', ({ blockedURI, disposition }) => {
      if (disposition === 'enforce') this.blocked.add(blockedURI);
    });
  }

  /** A request with a body of so many bytes is made. */
  async requested(address: string, body: number | Promise<number>): Promise<void> {
    const url = this.parse(address);
    if (!url) return;
    const bodyBytes = await body;
    const sent = this.isOwn(url) ? bodyBytes : bodyBytes + addressBytes(url);
    if (sent === 0) return;
    if (this.isOwn(url)) {
      this.report(sent);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, VERDICT_MS));
    if (!this.isBlocked(url)) this.report(sent);
  }

  /** A blocked address is reported whole, or by its origin alone. */
  private isBlocked({ href, hash, origin }: URL): boolean {
    return this.blocked.has(href.slice(0, href.length - hash.length)) || this.blocked.has(origin);
  }

  /** Null for an address inside the browser, such as a Blob's. */
  private parse(address: string): URL | null {
    const url = URL.canParse(address, this.scope.location.href) ? new URL(address, this.scope.location.href) : null;
    return url && /^(https?|wss?):$/.test(url.protocol) ? url : null;
  }

  private isOwn(url: URL): boolean {
    return url.origin.replace(/^ws/, 'http') === this.scope.location.origin;
  }
}

function countFetch(scope: SendingScope, meter: Meter): void {
  const original = scope.fetch;
  scope.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const body = init?.body ?? null;
    if (body instanceof ReadableStream) {
      void meter.requested(address, 0);
      return original.call(scope, input, { ...init, body: body.pipeThrough(countingStream(meter)) });
    }
    const carried = body === null && input instanceof Request && input.body ? input.clone() : null;
    void meter.requested(address, carried ? sizeOfResponse(carried) : bodySize(body));
    return original.call(scope, input, init);
  };
}

function countXhr({ prototype }: typeof XMLHttpRequest, meter: Meter): void {
  const addresses = new WeakMap<XMLHttpRequest, string>();
  const { open, send } = prototype;
  prototype.open = function (this: XMLHttpRequest, ...words: Parameters<typeof open>) {
    addresses.set(this, String(words[1]));
    open.apply(this, words);
  } as typeof open;
  prototype.send = function (this: XMLHttpRequest, body) {
    void meter.requested(addresses.get(this) ?? '', bodySize(body ?? null));
    send.call(this, body);
  };
}

function countBeacon(navigator: NonNullable<SendingScope['navigator']>, meter: Meter): void {
  const original = navigator.sendBeacon;
  navigator.sendBeacon = (address, data) => {
    // A stream is refused by the browser itself.
    void meter.requested(String(address), data instanceof ReadableStream ? 0 : bodySize(data ?? null));
    return original?.call(navigator, address, data) ?? false;
  };
}

function countSockets(scope: SendingScope, original: typeof WebSocket, meter: Meter): void {
  scope.WebSocket = class extends original {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      void meter.requested(String(address), 0);
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      void Promise.resolve(bodySize(data)).then(meter.report);
      super.send(data);
    }
  };
}

function countingStream(meter: Meter): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      meter.report(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
}

function bodySize(
  body: XMLHttpRequestBodyInit | ArrayBufferLike | ArrayBufferView | Document | null,
): number | Promise<number> {
  if (body === null) return 0;
  if (typeof body === 'string') return new TextEncoder().encode(body).byteLength;
  if (body instanceof Blob) return body.size;
  // Buffers of any kind. Not every page has the class of those that threads share.
  if ('byteLength' in body) return body.byteLength;
  if (body instanceof URLSearchParams || body instanceof FormData) return sizeOfResponse(new Response(body));
  return new TextEncoder().encode(new XMLSerializer().serializeToString(body)).byteLength;
}

async function sizeOfResponse(message: Request | Response): Promise<number> {
  return (await message.arrayBuffer()).byteLength;
}

function addressBytes({ href }: URL): number {
  return new TextEncoder().encode(href).byteLength;
}
