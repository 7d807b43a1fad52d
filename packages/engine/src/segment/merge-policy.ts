/** What the policy knows of one segment of a vector space. */
export interface SegmentSize {
  /** Vectors of live records, and of dead ones. */
  readonly live: number;
  readonly dead: number;
}

/** One vector space, at the moment when the next job is chosen. Segments that a running job works on are left out. */
export interface PolicyState {
  readonly sealed: readonly SegmentSize[];
  /** Unsealed segments, oldest first; the last one still grows. */
  readonly flats: readonly SegmentSize[];
  /** Bytes of a vector at full precision, and all that it takes in a sealed segment. */
  readonly vectorBytes: number;
  readonly nodeBytes: number;
  /** Nothing was written for a while. */
  readonly idle: boolean;
  /** `optimize()` was called: everything is to be sealed, and merged into as few segments as the caps allow. */
  readonly forced: boolean;
  /** Jobs of this space that run already. */
  readonly running: number;
  /** Threads for background work. */
  readonly threads: number;
}

/**
 * One piece of background work: the live vectors of `sealed` and `flats` (places in the state's lists) go into one new
 * segment. With a `base` its graph is kept and the others are added to it; without one a graph is built from nothing.
 */
export interface Job {
  readonly base: number | undefined;
  readonly sealed: readonly number[];
  readonly flats: readonly number[];
}

/** The knobs of the policy; tests turn them down. */
export interface PolicyLimits {
  /** An unsealed segment is full at so many bytes: it is scanned in about a millisecond. */
  readonly flatBytes: number;
  /** Fewer bytes than this are not worth a graph when nobody forces it: scanning them is as fast and exact. */
  readonly idleBytes: number;
  /** Fewer vectors than this never get a graph. */
  readonly minVectors: number;
  /** A sealed segment with a larger share of dead vectors is built anew. */
  readonly deadShare: number;
  /** As `deadShare`, under `optimize()`. */
  readonly forcedDeadShare: number;
  /** More sealed segments than this are merged even while writes go on. */
  readonly maxSegments: number;
  /** No segment outgrows this many bytes, which must fit one WebAssembly memory. */
  readonly maxSegmentBytes: number;
}

export const POLICY_LIMITS: PolicyLimits = Object.freeze({
  flatBytes: 32 * 1024 * 1024,
  idleBytes: 8 * 1024 * 1024,
  minVectors: 1024,
  deadShare: 0.5,
  forcedDeadShare: 0.05,
  maxSegments: 8,
  maxSegmentBytes: 3 * 1024 ** 3,
});

/** A segment takes in what has at least this part of its size, so that it is written anew only as it grows. */
const TIER = 4;

/** The next job of a space, or undefined when there is nothing to do. A pure function. */
export function nextJob(state: PolicyState, limits: PolicyLimits = POLICY_LIMITS): Job | undefined {
  return rewrite(state, limits) ?? seal(state, limits) ?? merge(state, limits);
}

/** Full unsealed segments; the rest too when idle or forced. */
function seal(state: PolicyState, limits: PolicyLimits): Job | undefined {
  const { flats, sealed, forced, running, threads } = state;
  if (running >= threads) return undefined;
  const ready = readyFlats(state, limits);
  const waiting = total(ready.map((i) => flats[i]));
  if (waiting < limits.minVectors) return undefined;
  const base = largest(state, limits);
  if (base !== undefined && (forced || waiting * TIER >= sealed[base].live)) {
    // Adding to a graph takes all threads. Sealing on its own what soon goes there anyway would insert it twice.
    if (running > 0) return undefined;
    const room = cap(state, limits) - sealed[base].live - sealed[base].dead;
    const fitting = within(ready, (i) => flats[i].live, room);
    const left = room - total(fitting.map((i) => flats[i]));
    const others = sealed.map((_, i) => i).filter((i) => forced && i !== base);
    if (fitting.length > 0) return { base, sealed: within(others, (i) => sealed[i].live, left), flats: fitting };
  }
  // Oldest first. Each thread takes its share, those that are busy now with their next job, so that none runs idle; but
  // no crumbs.
  const share = Math.ceil(ready.length / threads);
  const fitting = within(ready, (i) => flats[i].live, cap(state, limits));
  const crumbs = fitting.findIndex(
    (_, i) => total(fitting.slice(0, i + 1).map((at) => flats[at])) >= limits.minVectors,
  );
  const chosen = fitting.slice(0, Math.max(1, share, crumbs + 1));
  return total(chosen.map((i) => flats[i])) < limits.minVectors
    ? undefined
    : { base: undefined, sealed: [], flats: chosen };
}

/** The flat segments that are due, by place. */
function readyFlats({ flats, vectorBytes, idle, forced }: PolicyState, limits: PolicyLimits): number[] {
  const last = flats.length - 1;
  // The last one takes the next commit. While it is empty there is nothing to freeze, so that it must stay where it is.
  const held = flats.map((_, i) => i).filter((i) => i < last || flats[i].live + flats[i].dead > 0);
  return held.filter((i) => {
    const bytes = flats[i].live * vectorBytes;
    return i < last || forced || bytes >= limits.flatBytes || (idle && bytes >= limits.idleBytes);
  });
}

/** A sealed segment that is mostly dead is built anew from what lives. */
function rewrite({ sealed, forced, running, threads }: PolicyState, limits: PolicyLimits): Job | undefined {
  if (running >= threads) return undefined;
  const share = forced ? limits.forcedDeadShare : limits.deadShare;
  const place = sealed.findIndex(({ live, dead }) => dead > share * (live + dead));
  return place < 0 ? undefined : { base: undefined, sealed: [place], flats: [] };
}

/**
 * Tiers: the larger segment takes in a smaller one once that has a quarter of its size, so that a vector is inserted
 * again at most once each time the segment around it has doubled. One merge at a time, and only when all flats are sealed.
 */
function merge(state: PolicyState, limits: PolicyLimits): Job | undefined {
  const { sealed, forced, idle, running } = state;
  if (running > 0 || sealed.length < 2) return undefined;
  const places = sealed.map((_, i) => i).sort((a, b) => sealed[b].live - sealed[a].live || a - b);
  const room = cap(state, limits);
  if (forced) {
    const [base, ...others] = within(places, (i) => sealed[i].live, room);
    return others.length === 0 ? pair(places, sealed, room) : { base, sealed: others, flats: [] };
  }
  if (!idle && sealed.length <= limits.maxSegments) return undefined;
  const [small, large] = [places[places.length - 1], places[places.length - 2]];
  const crowded = sealed.length > limits.maxSegments;
  const fits = sealed[small].live + sealed[large].live <= room;
  if (!fits || !(crowded || sealed[small].live * TIER >= sealed[large].live)) return undefined;
  return { base: large, sealed: [small], flats: [] };
}

/** The two smallest, when the largest is full. */
function pair(places: readonly number[], sealed: readonly SegmentSize[], room: number): Job | undefined {
  const [small, large] = [places[places.length - 1], places[places.length - 2]];
  return sealed[small].live + sealed[large].live > room ? undefined : { base: large, sealed: [small], flats: [] };
}

/** The largest sealed segment that has room for more and is not due to be rewritten. */
function largest({ sealed, ...state }: PolicyState, limits: PolicyLimits): number | undefined {
  const room = cap({ sealed, ...state }, limits) - limits.minVectors;
  let best: number | undefined;
  for (const [i, { live, dead }] of sealed.entries()) {
    if (live + dead > room || dead > limits.deadShare * (live + dead)) continue;
    if (best === undefined || live > sealed[best].live) best = i;
  }
  return best;
}

/** Vectors that one segment may hold. */
function cap({ nodeBytes }: PolicyState, { maxSegmentBytes }: PolicyLimits): number {
  return Math.floor(maxSegmentBytes / nodeBytes);
}

/** The places from the first on whose sum stays within `room`; those that do not fit are passed over. */
function within(places: readonly number[], size: (place: number) => number, room: number): number[] {
  let sum = 0;
  return places.filter((place) => {
    if (sum + size(place) > room) return false;
    sum += size(place);
    return true;
  });
}

function total(sizes: readonly SegmentSize[]): number {
  return sizes.reduce((sum, { live }) => sum + live, 0);
}
