import { checkVector } from '../distance/index.js';
import type { Encoded, Encoder, EncoderInput, EncoderRole, SparseVector } from '../encoder/encoder.js';
import { NearfieldError, describe, throwIfAborted } from '../errors/index.js';
import type { CollectionSchema, RecordId } from '../schema/index.js';
import { checkAccepted } from './check-encoder.js';
import type { CheckedRecord } from './check-record.js';
import { encoderInput } from './encoder-inputs.js';

/** A record with all its vectors, ready to be committed. Several dense vectors in one space follow one another. */
export interface EncodedRecord {
  readonly id: RecordId;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly vectors: ReadonlyMap<string, Encoded>;
}

export type EncoderOf = (vector: string) => Promise<Encoder>;

/** Makes the vectors that the schema derives from fields; `only` limits it to some of them. One encoder call a vector. */
export async function encodeRecords(
  records: readonly CheckedRecord[],
  schema: CollectionSchema,
  encoderOf: EncoderOf,
  { signal, only }: { signal?: AbortSignal; only?: ReadonlySet<string> } = {},
): Promise<EncodedRecord[]> {
  const vectors = records.map((record) => new Map<string, Encoded>(record.vectors));
  const spaces = Object.entries(schema.vectors).filter(([name]) => only === undefined || only.has(name));
  await Promise.all(
    spaces.map(async ([name, vector]) => {
      if (vector.kind !== 'encoded') return;
      const owners: number[] = [];
      const inputs: EncoderInput[] = [];
      for (const [i, record] of records.entries()) {
        const input = encoderInput(vector, record.payload, schema);
        if (input === undefined) continue;
        owners.push(i);
        inputs.push(input);
      }
      if (inputs.length === 0) return;
      const ids = owners.map((owner) => records[owner].id);
      const encoded = await encode(await encoderOf(name), inputs, { role: 'document', signal }, ids);
      for (const [i, owner] of owners.entries()) if (!isEmpty(encoded[i])) vectors[owner].set(name, encoded[i]);
    }),
  );
  return records.map(({ id, payload }, i) => ({ id, payload, vectors: vectors[i] }));
}

/** Calls an encoder and checks what it returns, which a faulty encoder of the caller's must not bring into the store. */
export async function encode(
  encoder: Encoder,
  inputs: readonly EncoderInput[],
  options: { role: EncoderRole; signal?: AbortSignal },
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
    if (cause instanceof NearfieldError) throw cause;
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
