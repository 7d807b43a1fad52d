import type { Ranking, RankedRecord } from '../fuse/index.js';
import type { QueryPlan } from '../plan/index.js';
import { SPAN_NUMBERS, type CollectionStore } from '../store/index.js';
import type { AnyRecord } from '../schema/index.js';
import type { Hit, HitScore, PassagePart } from './hit.js';
import { readRecord, type Projection } from './read-record.js';

/** Turns the page of a ranking that was asked for into hits: ids, scores, and copies of the records. */
export function hydrate(
  { candidates, records }: Ranking,
  plan: QueryPlan,
  store: CollectionStore,
  projection: Projection,
  minScore = -Infinity,
): Hit<AnyRecord | undefined>[] {
  const names = legNames(plan);
  const { ids, keys } = candidates.table;
  const page = records.slice(plan.offset, plan.offset + plan.limit).filter(({ score }) => score >= minScore);
  return page.map((ranked) => {
    const id = ids[ranked.row];
    const partName = (leg: number, part: number): number | PassagePart => {
      const name = nameOfPart(store, plan.legs[leg].vector, keys.at(ranked.row), part);
      if (name === undefined) throw store.versionGone(id);
      return name;
    };
    const hit = { id, score: ranked.score, scores: scoresOf(ranked, names, partName) };
    if (projection.select?.length === 0 && !projection.vectors) return hit as Hit<undefined>;
    const record = readRecord(store, keys.at(ranked.row), id, projection);
    if (record === undefined) throw store.versionGone(id);
    return { ...hit, record };
  });
}

function scoresOf(
  { legs }: RankedRecord,
  names: readonly string[],
  partName: (leg: number, part: number) => number | PassagePart,
): Record<string, HitScore> {
  const scores: Record<string, HitScore> = {};
  for (const { leg, score, rank, part } of legs) {
    scores[names[leg]] = part === undefined ? { score, rank } : { score, rank, part: partName(leg, part) };
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
