import type { Encoded, Encoder, EncoderInput } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { TermVector } from '../indexes/index.js';
import { combine, encode, isEmpty, type EncoderOf, type Part, type Slot, type VectorEncoder } from '../ingest/index.js';
import type { RecordId } from '../schema/index.js';
import type { CollectionStore } from '../store/index.js';
import { MAX_LEGS } from './parse-legs.js';
import type { Leg, ParsedQuery } from './query.js';

/**
 * What a leg searches for: dense vectors (one, or those of a record that has several, row-major), numbered terms, or
 * nothing when its input meant nothing to the encoder.
 */
export type LegVector = Float32Array | TermVector | undefined;

/** A part of what a leg is near to: what it is to the vector, and which embedding it has. */
interface LegPart {
  readonly slot: Slot;
  readonly inputs: Inputs;
  readonly place: number;
}

/** Inputs of all queries to one encoder, each once. */
class Inputs {
  readonly #places = new Map<EncoderInput, number>();

  add(input: EncoderInput): number {
    const place = this.#places.get(input) ?? this.#places.size;
    this.#places.set(input, place);
    return place;
  }

  get all(): EncoderInput[] {
    return [...this.#places.keys()];
  }
}

/** The vectors of every leg of every query. The inputs of many queries to one encoder go to it in one call. */
export async function encodeLegs(
  queries: readonly ParsedQuery[],
  store: CollectionStore,
  encoderOf: EncoderOf,
  signal?: AbortSignal,
): Promise<LegVector[][]> {
  const vectors = queries.map((query) => query.legs.map((leg): LegVector => readTarget(leg, store)));
  for (const [i, query] of queries.entries()) checkVectors(query, vectors[i], store);
  const inputs = new Map<Encoder, Inputs>();
  const waiting: { query: number; leg: number; encoder: VectorEncoder; parts: LegPart[] }[] = [];
  for (const [query, { legs }] of queries.entries()) {
    for (const [leg, { vector, target }] of legs.entries()) {
      if (target.kind !== 'inputs') continue;
      const encoder = await encoderOf(vector);
      waiting.push({ query, leg, encoder, parts: partsOf(vector, encoder, target.inputs, inputs) });
    }
  }
  if (waiting.length === 0) return vectors;
  const encoded = new Map<Inputs, Encoded[]>();
  await Promise.all(
    Array.from(inputs, async ([encoder, ofEncoder]) => {
      encoded.set(ofEncoder, await encode(encoder, ofEncoder.all, { role: 'query', signal }));
    }),
  );
  for (const { query, leg, encoder, parts } of waiting) {
    const embeddings = parts.map(({ slot, inputs, place }) => ({ slot, embedding: encoded.get(inputs)![place] }));
    vectors[query][leg] = toLegVector(embeddings, encoder, queries[query].legs[leg].vector, store);
  }
  return vectors;
}

/** What the inputs of a leg are to its vector; each is noted with its encoder. */
function partsOf(
  vector: string,
  encoder: VectorEncoder,
  given: readonly EncoderInput[],
  inputs: Map<Encoder, Inputs>,
): LegPart[] {
  if (given.length > 1 && encoder.output.kind === 'sparse') {
    throw new NearfieldError('INVALID_QUERY', `A leg on the sparse vector \`${vector}\` has several inputs`, {
      field: vector,
      remedy: 'Give one input a leg.',
    });
  }
  return given.flatMap((input) =>
    encoder.slotsFor(vector, input.kind).map((slot) => {
      let ofEncoder = inputs.get(slot.encoder);
      if (ofEncoder === undefined) inputs.set(slot.encoder, (ofEncoder = new Inputs()));
      return { slot, inputs: ofEncoder, place: ofEncoder.add(input) };
    }),
  );
}

/** Every vector of a dense leg is a scan of its own: together they are bounded as legs are. */
function checkVectors({ legs }: ParsedQuery, vectors: readonly LegVector[], store: CollectionStore): void {
  let count = 0;
  for (const [i, { vector }] of legs.entries()) {
    const { space } = store.spaces.get(vector)!;
    const values = vectors[i];
    if (space.kind === 'dense' && values instanceof Float32Array) count += values.length / space.dimensions;
  }
  if (count <= MAX_LEGS) return;
  throw new NearfieldError('INVALID_QUERY', 'The records to be near to have too many vectors', {
    field: 'near',
    expected: `at most ${MAX_LEGS} in all`,
    received: String(count),
    remedy: 'Give some of their vectors, as `value` of a leg each.',
  });
}

function toLegVector(
  parts: readonly { slot: Slot; embedding: Encoded }[],
  { vector: { combine: combination }, output }: VectorEncoder,
  vector: string,
  store: CollectionStore,
): LegVector {
  const told = parts.filter(({ embedding }) => !isEmpty(embedding));
  if (told.length === 0) return undefined;
  const [{ embedding }] = told;
  if (output.kind === 'sparse' || !(embedding instanceof Float32Array)) {
    return embedding instanceof Float32Array ? embedding : store.spaces.get(vector)!.dictionary!.known(embedding);
  }
  const combined = combine(combination, told as readonly Part[], output.dimensions, output.metric);
  return isEmpty(combined) ? undefined : combined;
}

function readTarget({ vector, target }: Leg, store: CollectionStore): LegVector {
  if (target.kind === 'value') return target.value;
  return target.kind === 'id' ? vectorOf(target.id, vector, store) : undefined;
}

function vectorOf(id: RecordId, vector: string, store: CollectionStore): LegVector {
  const key = store.keyOf(id);
  if (key === undefined) {
    throw new NearfieldError('RECORD_NOT_FOUND', `There is no record ${JSON.stringify(id)} to be near to`, {
      record: id,
    });
  }
  const stored = store.vector(vector, key);
  if (stored !== undefined) return stored;
  throw new NearfieldError('INVALID_QUERY', `Record ${JSON.stringify(id)} has no vector \`${vector}\``, {
    record: id,
    field: vector,
    remedy: 'Use a record that has one, or another vector.',
  });
}
