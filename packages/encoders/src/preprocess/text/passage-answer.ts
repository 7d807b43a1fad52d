import type { TextSpan } from '@nearfield/engine/encoder';

/**
 * The passages of some texts as the flat block that a worker answers with: for each text their number, then the start
 * and the end of each. The numbers are u32; the block only carries their bits, as f32 has no room for those over 2^24.
 */
export function packSpans(spans: readonly (readonly TextSpan[])[]): Float32Array {
  const numbers = Uint32Array.from(
    spans.flatMap((ofText) => [ofText.length, ...ofText.flatMap(({ start, end }) => [start, end])]),
  );
  return new Float32Array(numbers.buffer);
}

export function unpackSpans({ buffer, byteOffset, length }: Float32Array): TextSpan[][] {
  const numbers = new Uint32Array(buffer, byteOffset, length);
  const spans: TextSpan[][] = [];
  for (let at = 0; at < length; ) {
    const count = numbers[at++];
    spans.push(Array.from({ length: count }, (_, i) => ({ start: numbers[at + 2 * i], end: numbers[at + 2 * i + 1] })));
    at += 2 * count;
  }
  return spans;
}
