/** @file The one message that a page sends to a service worker: to become the one that answers. */

export const TAKE_OVER = 'take-over';
