/**
 * The same characters in memory of their own. A part that was cut or matched out of a text is a view of it in V8: to
 * remember the word would be to keep the text. Lone surrogates, which are in no word, become U+FFFD.
 */
export function ownCopy(part: string): string {
  return Buffer.from(part).toString();
}
