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
  const vectors = queries.map((query) => thinned(query, readTargets(query, store), store));
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

/**
 * Every vector of a dense leg is a search of its own: together they are bounded as legs are. Of records that have more, each leg
 * takes no more than its part, evenly from first to last.
 */
function thinned({ legs }: ParsedQuery, vectors: readonly LegVector[], store: CollectionStore): LegVector[] {
  const counts = legs.map(({ vector }, i) => {
    const { space } = store.spaces.get(vector)!;
    const values = vectors[i];
    return space.kind === 'dense' && values instanceof Float32Array ? values.length / space.dimensions : 0;
  });
  const most = largestShare(counts, MAX_LEGS);
  return vectors.map((values, i) =>
    counts[i] > most && values instanceof Float32Array ? evenly(values, counts[i], most) : values,
  );
}

/** How much each may have so that all together have no more than `total`: those that want less leave the rest to the others. */
function largestShare(counts: readonly number[], total: number): number {
  let left = total;
  const ascending = counts.toSorted((a, b) => a - b);
  for (const [i, count] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i));
    if (count > share) return share;
    left -= count;
  }
  return Infinity;
}

/** `most` of `count` vectors of one length, the first and the last among them. */
function evenly(vectors: Float32Array, count: number, most: number): Float32Array {
  const dimensions = vectors.length / count;
  const chosen = new Float32Array(most * dimensions);
  for (let i = 0; i < most; i++) {
    const from = most === 1 ? 0 : Math.round((i * (count - 1)) / (most - 1));
    chosen.set(vectors.subarray(from * dimensions, (from + 1) * dimensions), i * dimensions);
  }
  return chosen;
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

function readTargets({ legs }: ParsedQuery, store: CollectionStore): LegVector[] {
  return legs.map((leg) => readTarget(leg, store));
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
