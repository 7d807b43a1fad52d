/** A window of this share of the whole length or less at the end of a sound, after other windows, is left out. */
const SHORTEST_REST = 0.1;

/** Cuts a sound, given in pieces, into consecutive windows of `length` samples; the last one may be shorter. */
export async function* soundWindows(pieces: AsyncIterable<Float32Array>, length: number): AsyncGenerator<Float32Array> {
  let window = new Float32Array(length);
  let filled = 0;
  let isFirst = true;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + length - filled);
      window.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < length) continue;
      yield window;
      isFirst = false;
      window = new Float32Array(length);
      filled = 0;
    }
  }
  if (filled > (isFirst ? 0 : SHORTEST_REST * length)) yield window.subarray(0, filled);
}
