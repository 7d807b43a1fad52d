import { NearfieldError } from '@nearfield/engine';

/** The longest line, in bytes: more than the longest record that the engine takes in one text. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** The lines of a stream as bytes, without their line feeds. Throws INVALID_RECORD for a line that no record can be. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      pieces.push(chunk.subarray(start, end));
      yield pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
      pieces = [];
      length = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE_BYTES) {
      throw new NearfieldError('INVALID_RECORD', 'A line is too long', {
        expected: `at most ${MAX_LINE_BYTES} bytes a line`,
      });
    }
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}
