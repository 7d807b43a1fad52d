import {
  ONE_VECTOR,
  rank,
  type Bitset,
  type FlatIndex,
  type TieBreak,
} from '@nearfield/engine/internals/indexes/index';

/** The `limit` best records of a flat index, ranked, with the nearest part of each that has several. */
export function searchFlat(
  index: FlatIndex,
  query: Float32Array,
  limit: number,
  allowed: Bitset,
  rows: number,
  tieBreak: TieBreak,
) {
  const hand = index.collect(query, { wanted: limit, allowed }, rows);
  const ranked = rank(hand.records, hand.scores, limit, tieBreak);
  const parts = Int32Array.from(ranked.records, (record) => index.nearestPart(query, record) ?? ONE_VECTOR);
  return { ...ranked, parts: parts.every((part) => part === ONE_VECTOR) ? undefined : parts, scored: hand.scored };
}
