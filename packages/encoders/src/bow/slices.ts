const ENDS = ' \n\t\r\u3002\u3001\uFF01\uFF1F';

/**
 * Cuts a text into slices of about `length` UTF-16 units, so that a long one can be analysed in steps. A cut falls
 * after white space or the end of a sentence, where no word is split; text without either for `length` more units is
 * cut between characters.
 */
export function* slices(text: string, length: number): Generator<string> {
  let start = 0;
  while (text.length - start > length) {
    const end = cut(text, start + length, start + 2 * length);
    yield text.slice(start, end);
    start = end;
  }
  if (start < text.length) yield text.slice(start);
}

function cut(text: string, from: number, limit: number): number {
  const last = Math.min(limit, text.length);
  for (let at = from; at < last; at++) {
    if (ENDS.includes(text.charAt(at))) return at + 1;
  }
  const splitsPair = last < text.length && /[\uDC00-\uDFFF]/.test(text.charAt(last));
  return splitsPair ? last - 1 : last;
}
