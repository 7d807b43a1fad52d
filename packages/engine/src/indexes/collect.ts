import type { TopK } from '../distance/index.js';
import type { Bitset } from './bitset.js';
import { bestOfEach } from './candidates.js';

/** A scan that brought too little is followed by one with so many times the room. */
const GROWTH = 8;
/** The most entries of the kernel's heap, 8 bytes each. */
export const MAX_ROOM = 1024 * 1024;

/** Records in hand, each once with its best score; the best score that the last scan turned away; vectors scored so far. */
export type Hand = Readonly<TopK>;

export const EMPTY_HAND: Hand = Object.freeze({
  records: new Uint32Array(),
  scores: new Float32Array(),
  rejected: -Infinity,
  scored: 0,
});

/**
 * The `wanted` best records of `allowed` and all that tie with the last of them, by as few scans as will do. The heap of a
 * scan holds the best vectors, so a record that is in it at all is there with its best score, and done with. Where the
 * parts of few records fill it, or it may have cut a tie, the next scan leaves out the records in hand. `crowding` is the
 * number of scores that a record has on average: 1 says that each has one.
 */
export function collect(
  scan: (room: number, allowed: Bitset) => TopK,
  wanted: number,
  allowed: Bitset,
  crowding: number,
): Hand {
  if (wanted === 0) return EMPTY_HAND;
  let hand: Hand = { ...EMPTY_HAND, rejected: Infinity };
  let room = Math.min(Math.ceil(wanted * crowding), MAX_ROOM);
  let left = allowed;
  while (hand.rejected > -Infinity && hand.rejected >= scoreAt(wanted, hand.scores)) {
    if (hand.records.length > 0) left = without(hand.records, left);
    const found = scan(room, left);
    hand = joined(hand, crowding === 1 ? found : { ...found, ...bestOfEach(found.records, found.scores) });
    room = Math.min(room * GROWTH, MAX_ROOM);
  }
  return hand;
}

/** Two hands of different records in one; what the second turned away counts. */
export function joined(first: Hand, second: Hand): Hand {
  if (first === EMPTY_HAND) return second;
  if (first.records.length === 0) return { ...second, scored: first.scored + second.scored };
  const held = first.records.length;
  const records = new Uint32Array(held + second.records.length);
  const scores = new Float32Array(records.length);
  records.set(first.records);
  records.set(second.records, held);
  scores.set(first.scores);
  scores.set(second.scores, held);
  return { records, scores, rejected: second.rejected, scored: first.scored + second.scored };
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
