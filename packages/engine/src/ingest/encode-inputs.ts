import { checkVector } from '../distance/index.js';
import type { EncodeOptions, Encoded, Encoder, EncoderInput, EncoderRole, SparseVector } from '../encoder/encoder.js';
import { NearfieldError, describe, throwIfAborted, type ErrorCode } from '../errors/index.js';
import type { RecordId } from '../schema/index.js';
import { checkAccepted } from './check-encoder.js';

/** Errors that may be one input's fault, while the others can be encoded. */
const OF_ONE_INPUT: readonly ErrorCode[] = [
  'UNREADABLE_MEDIA',
  'INVALID_INPUT',
  'INVALID_TEXT',
  'TEXT_TOO_LONG',
  'INVALID_VECTOR',
  'ENCODER_FAILED',
];

/** An encoder that fails so often for single inputs, and for none does not, is what fails. */
const FAILURES_OF_ENCODER = 8;

/**
 * Calls an encoder and checks what it returns, which a faulty encoder of the caller's must not bring into the store.
 * @param records the record of each input, for errors that are about one
 */
export async function encode(
  encoder: Encoder,
  inputs: readonly EncoderInput[],
  options: EncodeOptions & { role: EncoderRole },
  records?: readonly RecordId[],
): Promise<Encoded[]> {
  const { name } = encoder.identity;
  let encoded: Encoded[];
  checkAccepted(encoder, inputs);
  throwIfAborted(options.signal);
  try {
    encoded = await encoder.encode(inputs, options);
  } catch (cause) {
    throwIfAborted(options.signal);
    if (cause instanceof NearfieldError) throw ofItsRecord(cause, records);
    throw new NearfieldError('ENCODER_FAILED', `Encoder ${name} failed`, {}, { cause });
  }
  throwIfAborted(options.signal);
  if (!Array.isArray(encoded) || encoded.length !== inputs.length) {
    throw new NearfieldError('ENCODER_FAILED', `Encoder ${name} returned the wrong number of embeddings`, {
      expected: String(inputs.length),
      received: describe(encoded),
    });
  }
  for (const [i, embedding] of encoded.entries()) checkEmbedding(encoder, embedding, records?.[i]);
  return encoded;
}

/**
 * As `encode`, but an input that cannot be encoded is reported by its position and has no embedding; the others have
 * theirs. Where the encoder does not tell which input it was, the inputs are halved until it is found. Throws what is
 * not about single inputs, and an ENCODER_FAILED that all of several inputs meet.
 */
export async function encodeReadable(
  encoder: Encoder,
  inputs: readonly EncoderInput[],
  options: { readonly role: EncoderRole; readonly signal?: AbortSignal },
  report: (input: number, error: NearfieldError) => void,
): Promise<(Encoded | undefined)[]> {
  const embeddings: (Encoded | undefined)[] = Array.from({ length: inputs.length });
  let [failures, successes] = [0, 0];
  const fail = (input: number, error: NearfieldError): void => {
    embeddings[input] = undefined;
    failures += error.code === 'ENCODER_FAILED' ? 1 : 0;
    if (successes === 0 && inputs.length > 1 && failures === Math.min(inputs.length, FAILURES_OF_ENCODER)) throw error;
    report(input, error);
  };
  const encodeFrom = async (first: number, end: number): Promise<void> => {
    const unreadable = new Map<number, NearfieldError>();
    const onUnreadable = (input: number, error: NearfieldError) => void unreadable.set(input, error);
    let encoded: Encoded[];
    try {
      encoded = await encode(encoder, inputs.slice(first, end), { ...options, onUnreadable });
    } catch (error) {
      if (!(error instanceof NearfieldError && OF_ONE_INPUT.includes(error.code))) throw error;
      if (end - first === 1) {
        fail(first, error);
        return;
      }
      const middle = (first + end) >> 1;
      await encodeFrom(first, middle);
      await encodeFrom(middle, end);
      return;
    }
    successes += encoded.length - unreadable.size;
    for (const [i, embedding] of encoded.entries()) embeddings[first + i] = embedding;
    for (const [input, error] of unreadable) fail(first + input, error);
  };
  if (inputs.length > 0) await encodeFrom(0, inputs.length);
  return embeddings;
}

/** An error about an input, by position, as one about its record. */
function ofItsRecord(error: NearfieldError, records: readonly RecordId[] | undefined): NearfieldError {
  const record = records?.[error.details.record as number];
  return record === undefined ? error : error.ofRecord(record);
}

function checkEmbedding({ identity, output }: Encoder, embedding: Encoded, record: RecordId | undefined): void {
  const what = `The embedding by ${identity.name}`;
  if (output.kind === 'sparse') checkSparse(what, embedding as SparseVector, record);
  // A text without any known word may come out as zeros: the record then has no vector, whatever the metric.
  else checkVector(embedding, output.dimensions, 'dot', () => what, { record });
}

function checkSparse(what: string, vector: SparseVector, record: RecordId | undefined): void {
  const { terms, weights } = vector ?? {};
  const sound =
    Array.isArray(terms) &&
    weights instanceof Float32Array &&
    terms.length === weights.length &&
    weights.every((weight) => weight > 0 && weight < Infinity) &&
    terms.every((term) => typeof term === 'string' && term !== '' && term.isWellFormed()) &&
    new Set(terms).size === terms.length;
  if (sound) return;
  throw new NearfieldError('ENCODER_FAILED', `${what} is not a sparse vector`, {
    record,
    expected: 'distinct terms with positive finite weights',
    received: describe(vector),
  });
}

/** Whether an embedding says nothing: no direction, or no terms. It is not stored, and finds nothing. */
export function isEmpty(embedding: Encoded): boolean {
  return embedding instanceof Float32Array ? embedding.every((value) => value === 0) : embedding.terms.length === 0;
}
