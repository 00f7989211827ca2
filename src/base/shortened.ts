/** @file Texts from files, which may be of any length, as part of a sentence. */

/** The text, or its beginning with an ellipsis where it is longer than `most` characters. */
export function shortened(text: string, most = 100): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
