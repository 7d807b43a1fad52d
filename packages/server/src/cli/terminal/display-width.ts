const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Scripts and signs that take two columns (after Unicode Standard Annex 11, East Asian Width). */
const WIDE =
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;

/** The columns of a terminal that a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The text, cut to so many columns; what was cut is shown by an ellipsis. */
export function fitWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let fitted = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += WIDE.test(segment) ? 2 : 1;
    if (width > columns - 1) break;
    fitted += segment;
  }
  return `${fitted.trimEnd()}…`;
}
