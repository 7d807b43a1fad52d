import type { TopK } from '../distance/index.js';
import type { Bitset } from './bitset.js';
import { bestOfEach } from './candidates.js';

/** A scan that brought too little is followed by one with so many times the room. */
const GROWTH = 8;
/** The most entries of the kernel's heap, 8 bytes each. */
export const MAX_ROOM = 1024 * 1024;

/** What a scan brought, and the part of the vectors that it passed before the time was up. */
export interface Scanned extends TopK {
  done: number;
}

/**
 * Records in hand, each once with its best score; the best score that the last scan turned away; vectors scored so far. `done`
 * below 1 says that the time was up, and estimates which part of the records that belong in the hand are there.
 */
export type Hand = Readonly<Scanned>;

/** What is wanted of the records of an index. */
export interface Wanted {
  /** Records. */
  readonly wanted: number;
  /** Rows that may be found. */
  readonly allowed: Bitset;
  /** The least score that is wanted. Default: any. */
  readonly minScore?: number;
}

export const EMPTY_HAND: Hand = Object.freeze({
  records: new Uint32Array(),
  scores: new Float32Array(),
  rejected: -Infinity,
  scored: 0,
  done: 1,
});

/**
 * The `wanted` best records of `allowed` and all that tie with the last of them, by as few scans as will do. The heap of a
 * scan holds the best vectors, so a record that is in it at all is there with its best score, and done with. Where the
 * parts of few records fill it, or it may have cut a tie, the next scan leaves out the records in hand. `crowding` is the
 * number of scores that a record has on average: 1 says that each has one. What is below `minScore` is left out; a scan may
 * bring it.
 */
export function collect(
  scan: (room: number, allowed: Bitset) => Scanned,
  { wanted, allowed, minScore = -Infinity }: Wanted,
  crowding: number,
): Hand {
  if (wanted === 0) return EMPTY_HAND;
  let hand: Hand = { ...EMPTY_HAND, rejected: Infinity };
  let room = Math.min(Math.ceil(wanted * crowding), MAX_ROOM);
  let left = allowed;
  while (hand.rejected > -Infinity && hand.rejected >= Math.max(minScore, scoreAt(wanted, hand.scores))) {
    if (hand.records.length > 0) left = without(hand.records, left);
    const found = scan(room, left);
    const isFirst = hand.records.length === 0;
    const each = crowding === 1 ? found : { ...found, ...bestOfEach(found.records, found.scores) };
    hand = joined(hand, notBelow(minScore, each));
    if (found.done < 1) {
      // Those of earlier scans are the best there are; with all that are wanted, it is open which of equals they are.
      const held = Math.min(wanted, hand.records.length) / (wanted + 1);
      return { ...hand, done: isFirst ? found.done : held };
    }
    room = Math.min(room * GROWTH, MAX_ROOM);
  }
  return hand;
}

/** What is at least as near as `minScore`. */
export function notBelow<Found extends { readonly records: Uint32Array; readonly scores: Float32Array }>(
  minScore: number,
  found: Found,
): Found {
  if (minScore === -Infinity) return found;
  const [records, scores] = [new Uint32Array(found.records.length), new Float32Array(found.scores.length)];
  let kept = 0;
  for (const [place, score] of found.scores.entries()) {
    if (!(score >= minScore)) continue;
    records[kept] = found.records[place];
    scores[kept++] = score;
  }
  return { ...found, records: records.subarray(0, kept), scores: scores.subarray(0, kept) };
}

/** Two hands of different records in one; what the second turned away counts. */
export function joined(first: Hand, second: Hand): Hand {
  if (first === EMPTY_HAND) return second;
  const done = Math.min(first.done, second.done);
  if (first.records.length === 0) return { ...second, scored: first.scored + second.scored, done };
  const held = first.records.length;
  const records = new Uint32Array(held + second.records.length);
  const scores = new Float32Array(records.length);
  records.set(first.records);
  records.set(second.records, held);
  scores.set(first.scores);
  scores.set(second.scores, held);
  return { records, scores, rejected: second.rejected, scored: first.scored + second.scored, done };
}

/** The `place`-th best of the scores, from 1; -Infinity when they are fewer. */
function scoreAt(place: number, scores: Float32Array): number {
  if (scores.length < place) return -Infinity;
  if (scores.length > place) return scores.slice().sort()[scores.length - place];
  let least = Infinity;
  for (const score of scores) if (score < least) least = score;
  return least;
}

function without(records: Uint32Array, rows: Bitset): Bitset {
  const rest = rows.clone();
  for (const record of records) rest.delete(record);
  return rest;
}
