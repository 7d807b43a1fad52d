import type { Encoder, TextSpan } from '../encoder/encoder.js';
import { NearfieldError, describe, throwIfAborted } from '../errors/index.js';
import type { RecordId } from '../schema/index.js';
import type { TextOrigin } from './encoder-inputs.js';
import { MAX_PARTS, MAX_PART_NUMBERS } from './limits.js';

/** The passages of each text by an encoder that knows its window, checked. Throws ENCODER_FAILED. */
export async function cutTexts(
  encoder: Encoder & Required<Pick<Encoder, 'passages'>>,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly TextSpan[][]> {
  throwIfAborted(signal);
  const { name } = encoder.identity;
  let spans: readonly TextSpan[][];
  try {
    spans = await encoder.passages(texts, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof NearfieldError) throw cause;
    throw new NearfieldError('ENCODER_FAILED', `Encoder ${name} failed to cut texts`, {}, { cause });
  }
  throwIfAborted(signal);
  if (Array.isArray(spans) && spans.length === texts.length && texts.every((text, i) => areSpans(spans[i], text))) {
    return spans;
  }
  throw new NearfieldError('ENCODER_FAILED', `Encoder ${name} returned no passages of its texts`, {
    expected: `at least one { start, end } within each of ${texts.length} texts`,
    received: describe(spans),
  });
}

function areSpans(spans: unknown, { length }: string): boolean {
  const isSpan = ({ start, end }: TextSpan): boolean =>
    Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length;
  return Array.isArray(spans) && spans.length > 0 && (spans as TextSpan[]).every(isSpan);
}

/** TEXT_TOO_LONG when a record would have too many vectors. */
export function tooManyPassages(count: number, dimensions: number, record: RecordId): NearfieldError | undefined {
  const most = Math.min(MAX_PARTS, Math.floor(MAX_PART_NUMBERS / dimensions));
  if (count <= most) return undefined;
  return new NearfieldError('TEXT_TOO_LONG', `The text of record ${JSON.stringify(record)} has too many passages`, {
    record,
    expected: `at most ${most}`,
    received: String(count),
    remedy: 'Split the text over several records, or give the vector `passages: false` to read its beginning.',
  });
}

/**
 * A passage of a joined text as one of a field's: the field that has most of it, and the part that lies in that field. As
 * three numbers: the field's place in `from`, start and end in UTF-16 units.
 */
export function toFieldSpan({ start, end }: TextSpan, origins: readonly TextOrigin[]): [number, number, number] {
  let best: [number, number, number] = [0, start, end];
  let most = -1;
  for (const { field, at, offset, length } of origins) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + length);
    if (to - from <= most) continue;
    most = to - from;
    best = [field, from - at + offset, to - at + offset];
  }
  return best;
}
