import type { Ranking, RankedRecord } from '../fuse/index.js';
import type { Steps } from '../indexes/index.js';
import type { QueryPlan } from '../plan/index.js';
import { SPAN_NUMBERS, type CollectionStore } from '../store/index.js';
import type { AnyRecord, RecordId } from '../schema/index.js';
import type { Hit, HitScore, PassagePart } from './hit.js';
import { readRecord, type Projection } from './read-record.js';

/** Hits that are made in one step: a record may be long. */
const STEP_HITS = 16;

/** How the hits of a page are read. */
export interface PageReading {
  readonly projection: Projection;
  readonly minScore: number | undefined;
  /** What was read by earlier attempts, by key, and what is read now. */
  readonly known: Map<number, AnyRecord> | undefined;
  /** Called for a record that is not in the file: throws, or tells whether the page is to go on without it. */
  readonly onGone: (id: RecordId) => boolean;
}

/** The hits of a page, and how many more there would be, had their records not gone. */
export interface HydratedPage {
  readonly hits: Hit<AnyRecord | undefined>[];
  readonly gone: number;
}

/**
 * Turns the page of a ranking that was asked for into hits: ids, scores, and copies of the records. A key is that of one
 * version, so between steps a record may go, but never change. Undefined when one has gone.
 */
export function* hydrate(
  { candidates, records }: Ranking,
  plan: QueryPlan,
  store: CollectionStore,
  { projection, minScore = -Infinity, known, onGone }: PageReading,
): Steps<HydratedPage | undefined> {
  const names = legNames(plan);
  const { table } = candidates;
  const page = records.slice(plan.offset, plan.offset + plan.limit).filter(({ score }) => score >= minScore);
  const hits: HydratedPage['hits'] = [];
  for (let i = 0; i < page.length; i++) {
    if (i % STEP_HITS === STEP_HITS - 1) yield;
    const [key, id] = [table.keys.at(page[i].row), table.ids[page[i].row]];
    const hit = hitOf(page[i], names, plan, { store, projection, known, key, id });
    if (hit !== undefined) hits.push(hit);
    else if (!onGone(id)) return undefined;
  }
  return { hits, gone: page.length - hits.length };
}

/** Where a hit's record is read. */
interface HitSource extends Pick<PageReading, 'projection' | 'known'> {
  readonly store: CollectionStore;
  readonly key: number;
  readonly id: RecordId;
}

/** Undefined when the record is not there any more. */
function hitOf(
  ranked: RankedRecord,
  names: readonly string[],
  { legs }: QueryPlan,
  { store, projection, known, key, id }: HitSource,
): Hit<AnyRecord | undefined> | undefined {
  const scores = scoresOf(ranked, names, (leg, part) => nameOfPart(store, legs[leg].vector, key, part));
  if (scores === undefined) return undefined;
  const hit = { id, score: ranked.score, scores };
  if (projection.select?.length === 0 && !projection.vectors) return hit as Hit<undefined>;
  const record = known?.get(key) ?? readRecord(store, key, id, projection);
  if (record === undefined) return undefined;
  known?.set(key, record);
  return { ...hit, record };
}

function scoresOf(
  { legs }: RankedRecord,
  names: readonly string[],
  partName: (leg: number, part: number) => number | PassagePart | undefined,
): Record<string, HitScore> | undefined {
  const scores: Record<string, HitScore> = {};
  for (const { leg, score, rank, part } of legs) {
    const name = part === undefined ? undefined : partName(leg, part);
    if (part !== undefined && name === undefined) return undefined;
    scores[names[leg]] = name === undefined ? { score, rank } : { score, rank, part: name };
  }
  return scores;
}

/** What a part of a record is called: its number where the caller brought the vectors, else where its passage is. */
function nameOfPart(
  store: CollectionStore,
  vector: string,
  key: number,
  part: number,
): number | PassagePart | undefined {
  const space = store.entry.schema.vectors[vector];
  if (space.kind === 'given') return part;
  const spans = store.passages(vector, key)?.subarray(part * SPAN_NUMBERS, (part + 1) * SPAN_NUMBERS);
  if (spans?.length !== SPAN_NUMBERS) return undefined;
  const [field, start, end] = spans;
  return space.from.length === 1 ? { start, end } : { field: space.from[field], start, end };
}

/** The vector of each leg; the second and later legs on one vector are numbered. */
function legNames(plan: QueryPlan): string[] {
  const seen = new Map<string, number>();
  return plan.legs.map(({ vector }) => {
    const count = (seen.get(vector) ?? 0) + 1;
    seen.set(vector, count);
    return count === 1 ? vector : `${vector}:${count}`;
  });
}
