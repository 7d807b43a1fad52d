import type { Encoded, EncoderInput } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { TermVector } from '../indexes/index.js';
import { encode, isEmpty, type EncoderOf } from '../ingest/index.js';
import type { RecordId } from '../schema/index.js';
import type { CollectionStore } from '../store/index.js';
import { MAX_LEGS } from './parse-legs.js';
import type { Leg, ParsedQuery } from './query.js';

/**
 * What a leg searches for: dense vectors (one, or those of a record that has several, row-major), numbered terms, or
 * nothing when its input meant nothing to the encoder.
 */
export type LegVector = Float32Array | TermVector | undefined;

/** The vectors of every leg of every query. The inputs of many queries to one encoder go to it in one call. */
export async function encodeLegs(
  queries: readonly ParsedQuery[],
  store: CollectionStore,
  encoderOf: EncoderOf,
  signal?: AbortSignal,
): Promise<LegVector[][]> {
  const vectors = queries.map((query) => query.legs.map((leg): LegVector => readTarget(leg, store)));
  for (const [i, query] of queries.entries()) checkVectors(query, vectors[i], store);
  const waiting = new Map<string, { input: EncoderInput; query: number; leg: number }[]>();
  for (const [query, { legs }] of queries.entries()) {
    for (const [leg, { vector, target }] of legs.entries()) {
      if (target.kind === 'value' || target.kind === 'id') continue;
      const jobs = waiting.get(vector) ?? [];
      waiting.set(vector, jobs);
      jobs.push({ input: target, query, leg });
    }
  }
  if (waiting.size === 0) return vectors;
  await Promise.all(
    [...waiting].map(async ([vector, jobs]) => {
      const inputs = jobs.map(({ input }) => input);
      const encoded = await encode(await encoderOf(vector), inputs, { role: 'query', signal });
      for (const [i, { query, leg }] of jobs.entries()) vectors[query][leg] = toLegVector(encoded[i], vector, store);
    }),
  );
  return vectors;
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

function toLegVector(encoded: Encoded, vector: string, store: CollectionStore): LegVector {
  if (isEmpty(encoded)) return undefined;
  return encoded instanceof Float32Array ? encoded : store.spaces.get(vector)!.dictionary!.known(encoded);
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
