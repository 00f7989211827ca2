/**
 * @file What the studio's answers say to the browser beside their content: no request leaves the origin, whatever the code does.
 *
 * The one place of these headers. The server of `npm start` sends them with every answer, the service worker gives them to
 * what it keeps, and the built page repeats its policy as a meta tag for those who serve it in another way.
 */

/** Source: https://www.w3.org/TR/CSP3/. Names without a value take none. */
const POLICY = {
  'default-src': "'none'",
  // No inline script and no eval; WebAssembly alone is compiled.
  'script-src': "'self' 'wasm-unsafe-eval'",
  // Workers start from kept copies of their scripts, and inherit this policy then (src/worker/kept-script.ts).
  'worker-src': "'self' blob:",
  'connect-src': "'self'",
  // Mantine writes its colours into a style element.
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** Means nothing in a meta tag, and browsers complain about it there. */
const ONLY_AS_HEADER = ['frame-ancestors'];

/** Devices of which the studio needs none. */
const UNUSED_FEATURES = [
  ...['bluetooth', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid', 'magnetometer', 'microphone'],
  ...['midi', 'payment', 'serial', 'usb'],
];

/**
 * They isolate the page from other origins, without which browsers let no memory be shared between threads. `require-corp` and not
 * `credentialless`, which Safari lacks: nothing of ours comes from another origin.
 */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Sent with every answer. */
export const HEADERS = {
  'Content-Security-Policy': policyText(Object.entries(POLICY)),
  ...ISOLATION,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': UNUSED_FEATURES.map((name) => `${name}=()`).join(', '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The policy as far as a meta tag can say it. */
export const META_POLICY = policyText(Object.entries(POLICY).filter(([name]) => !ONLY_AS_HEADER.includes(name)));

/** @param {[string, string][]} directives */
function policyText(directives) {
  return directives.map(([name, sources]) => `${name} ${sources}`).join('; ');
}
