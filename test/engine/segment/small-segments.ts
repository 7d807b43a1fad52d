import type { Collection, Database, OpenOptions } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS, type PolicyLimits } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from '../filter/random-filter.js';
import { WalkingQuery, walkWhenAsked } from './walking-query.js';

const DIMENSIONS = 8;
const random = seededRandom(101);

/** Vectors by number; records refer to them. */
export const VECTORS: readonly Float32Array[] = Array.from({ length: 6000 }, () =>
  Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5),
);

/** An unsealed segment is full at 400 vectors. */
export const SMALL_LIMITS: PolicyLimits = { ...POLICY_LIMITS, flatBytes: 400 * DIMENSIONS * 4, minVectors: 16 };

export const SCHEMA = {
  fields: { n: 'integer' },
  vectors: { v: { dimensions: DIMENSIONS, metric: 'euclidean', hnsw: { m: 8, efConstruction: 40 } } },
} as const;

export type Rows = Collection<typeof SCHEMA>;

/** Each record with the number of its vector. */
export type Expected = ReadonlyMap<number, number>;

export async function openSmall(path: string, options: OpenOptions = {}, limits = SMALL_LIMITS): Promise<Database> {
  return walkWhenAsked(await openWith(path, { durability: 'relaxed', threads: 2, ...options }, limits), () => 64);
}

/** Records with ids from `first` to before `end`; record i has vector `shift` + i. */
export function records(first: number, end: number, shift = 0) {
  return Array.from({ length: end - first }, (_, i) => {
    const id = first + i;
    return { id, n: id, vectors: { v: VECTORS[shift + id] } };
  });
}

export function expected(first: number, end: number, shift = 0): Map<number, number> {
  return new Map(Array.from({ length: end - first }, (_, i) => [first + i, shift + first + i]));
}

/** Waits until no work runs in the background. */
export async function settled(rows: Rows): Promise<void> {
  while ((await rows.stats()).background.running) await turn();
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function sealedSegments(rows: Rows): Promise<number> {
  const { vectors } = await rows.stats();
  return vectors.v.segments!.filter(({ kind }) => kind === 'sealed').length;
}

/** Throws unless these records, with these vectors, are what is counted, got, and found exactly and by walks. */
export async function checkRecords(rows: Rows, records: Expected): Promise<void> {
  const count = await rows.count();
  if (count !== records.size) throw new Error(`${count} records in place of ${records.size}`);
  const ids = [...records.keys()];
  const query = (value: Float32Array) => ({ near: { vector: 'v', value }, limit: 3, select: [] }) as const;
  const exact = ids.map((id) => ({ ...query(VECTORS[records.get(id)!]), exact: true }));
  for (const [i, { hits }] of (await rows.searchBatch(exact)).entries()) {
    const [{ id, score }] = hits;
    if (id !== ids[i] || Math.abs(score) > 1e-6) throw new Error(`record ${ids[i]} is not its own nearest, but ${id}`);
  }
  const walks = ids.map((id) => query(WalkingQuery.from(VECTORS[records.get(id)!])));
  let found = 0;
  for (const [i, { hits }] of (await rows.searchBatch(walks)).entries()) {
    if (hits.length !== Math.min(3, ids.length)) throw new Error(`${hits.length} hits`);
    for (const { id } of hits) if (!records.has(id as number)) throw new Error(`record ${id} is dead`);
    if (hits[0].id === ids[i]) found++;
  }
  if (found < 0.99 * ids.length) throw new Error(`only ${found} of ${ids.length} records are found by walks`);
}

/** Lets a call of `object` go through only when `open` has been called; `reached` is when the first one came. */
export function gate<Args extends unknown[], Result>(
  object: Record<string, unknown> | object,
  method: string,
  applies: (...args: Args) => boolean,
): { readonly reached: Promise<void>; readonly open: () => void } {
  const holder = object as Record<string, (...args: Args) => Promise<Result>>;
  const original = holder[method].bind(object);
  let open = (): void => undefined;
  let reach = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  holder[method] = async (...args) => {
    if (applies(...args)) {
      reach();
      await opened;
    }
    return original(...args);
  };
  return { reached, open };
}
