/** @file Why an image cannot be used, as the end of a sentence that begins with its name. */

/** Thrown by everything that reads an image file; the message completes "<file> …". */
export class ImageFault extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ImageFault';
  }
}
