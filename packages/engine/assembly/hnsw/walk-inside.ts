import { allowed } from './allowed';
import { scoreBatch } from './batch';
import { DENSE, Graph, Walker, linksOf } from './graph';
import { popNearest, pushFarthest, pushNearest, replaceFarthest, sortNearestFirst } from './heap';
import { keyOf, nodeOf } from './keys';
import { effortAround, matching } from './around';
import { beginWalk, nextEpoch, touchLinks } from './walk';

/** Nodes that are looked at for one that matches, from each place where a walk begins. */
const SOUGHT: u32 = 1024;

/** Nodes that were tested against the bitmap. */
let tested: u32 = 0;

/** What a walk inside a bitmap has come to: the sizes of its heaps, and the key that a node must beat. */
let waiting: u32 = 0;
let found: u32 = 0;
let threshold: i64 = i64.MAX_VALUE;

/** Scores the batch; what is near enough becomes a result and waits to be visited. All of it matches. */
function take(graph: Graph, walker: Walker, count: u32, ef: u32): void {
  const candidates = walker.candidates;
  const results = walker.results;
  scoreBatch(graph, walker, count);
  for (let i: usize = 0; i < <usize>count; i++) {
    const key = keyOf(load<i32>(walker.distances + (i << 2)), load<u32>(walker.batch + (i << 2)));
    if (key >= threshold) continue;
    pushNearest(candidates, waiting++, key);
    if (found < ef) pushFarthest(results, found++, key);
    else replaceFarthest(results, found, key);
    if (found == ef) threshold = load<i64>(results);
  }
}

/** Adds a matching node to the batch, and marks it. */
@inline
function add(marks: usize, batch: usize, count: u32, node: u32, epoch: u8): void {
  store<u8>(marks + <usize>node, epoch);
  store<u32>(batch + ((<usize>count) << 2), node);
}

/** Adds the matching ones of the linked nodes that this walk has not seen to the batch, and marks them. */
@inline
function collectMatching(
  walker: Walker,
  links: usize,
  count: u32,
  epoch: u8,
  owners: usize,
  bitmap: usize,
  rows: u32,
): u32 {
  const marks = walker.marks;
  const batch = walker.batch;
  const end = links + ((<usize>load<u32>(links)) << 2);
  while (links < end) {
    links += 4;
    const neighbour = load<u32>(links);
    if (load<u8>(marks + <usize>neighbour) == epoch) continue;
    tested++;
    if (!allowed(owners, bitmap, rows, neighbour)) continue;
    add(marks, batch, count++, neighbour, epoch);
  }
  return count;
}

/** Reads the links of all that a node links to ahead of their use, so that the processor waits for many of them at a time. */
@inline
function touchLinksBeyond(graph: Graph, links: usize): u32 {
  const end = links + ((<usize>load<u32>(links)) << 2);
  let touched: u32 = 0;
  while (links < end) {
    links += 4;
    touched ^= touchLinks(graph, load<u32>(links));
  }
  return touched;
}

/** Matching nodes from all over the graph: a walk that begins at the entry alone may never come to where they are. */
function begin(
  graph: Graph,
  walker: Walker,
  ef: u32,
  owners: usize,
  bitmap: usize,
  rows: u32,
  starts: u32,
  epoch: u8,
): void {
  const marks = walker.marks;
  const batch = walker.batch;
  const step = graph.count / max(starts, 1);
  const room = graph.m << 1;
  let count: u32 = 0;
  for (let i: u32 = 0; i < starts; i++) {
    const first = i * step;
    const end = first + min(step, SOUGHT);
    for (let node = first; node < end; node++) {
      if (load<u8>(marks + <usize>node) == epoch || !allowed(owners, bitmap, rows, node)) continue;
      add(marks, batch, count++, node, epoch);
      break;
    }
    if (count < room && i + 1 < starts) continue;
    take(graph, walker, count, ef);
    count = 0;
  }
}

/**
 * As `walk`, but only matching nodes are scored and visited. Of a node with fewer than `enough` matching neighbours, the
 * neighbours of those that do not match are looked at as well (ACORN-1: Patel, Kraft, Guestrin and Zaharia, ACORN: Performant
 * and predicate-agnostic search over vector embeddings and structured data, 2024). It begins where a walk would, and, unless
 * nearly all matches there, at `starts` matching nodes from all over the graph.
 */
export function walkInside(
  graph: Graph,
  walker: Walker,
  ef: u32,
  owners: usize,
  bitmap: usize,
  rows: u32,
  enough: u32,
  starts: u32,
): u32 {
  const entry = beginWalk(graph, walker);
  ef = effortAround(graph, walker, nodeOf(entry), ef, owners, bitmap, rows);
  if (ef == 0) return 0;
  const epoch = nextEpoch(graph, walker);
  store<u8>(walker.marks + <usize>nodeOf(entry), epoch);
  store<i64>(walker.candidates, entry);
  waiting = 1;
  found = 0;
  threshold = i64.MAX_VALUE;
  if (allowed(owners, bitmap, rows, nodeOf(entry))) {
    store<i64>(walker.results, entry);
    found = 1;
    if (ef == 1) threshold = entry;
  }
  // Where nearly all about the entry matches, there is a way from it.
  if (walker.around != DENSE) begin(graph, walker, ef, owners, bitmap, rows, starts, epoch);
  walker.kept = ef;
  walker.waiting = waiting;
  walker.found = found;
  return resumeWalkInside(graph, walker, owners, bitmap, rows, enough);
}

/** As resumeWalk, inside the bitmap. */
export function resumeWalkInside(
  graph: Graph,
  walker: Walker,
  owners: usize,
  bitmap: usize,
  rows: u32,
  enough: u32,
): u32 {
  const candidates = walker.candidates;
  const marks = walker.marks;
  const room = graph.m << 1;
  const epoch = <u8>walker.epoch;
  const ef = walker.kept;
  const most = min(walker.budget, walker.pause);
  waiting = walker.waiting;
  found = walker.found;
  threshold = found == ef ? load<i64>(walker.results) : i64.MAX_VALUE;
  walker.paused = 0;

  while (waiting > 0) {
    const nearest = popNearest(candidates, waiting--);
    if (nearest > threshold) break;
    if (walker.computed + walker.hops > most) {
      if (walker.computed + walker.hops > walker.budget) break;
      pushNearest(candidates, waiting++, nearest);
      walker.paused = 1;
      break;
    }
    walker.hops++;
    const links = linksOf(graph, nodeOf(nearest));
    tested = 0;
    let count = collectMatching(walker, links, 0, epoch, owners, bitmap, rows);
    walker.tested += tested;
    walker.matched += count;
    if (count < enough && matching(links, owners, bitmap, rows) < enough) {
      walker.touched = touchLinksBeyond(graph, links);
      const end = links + ((<usize>load<u32>(links)) << 2);
      for (let at = links; at < end; ) {
        at += 4;
        const neighbour = load<u32>(at);
        // What matches is marked by now; of the others, those whose neighbours this walk has looked at.
        if (load<u8>(marks + <usize>neighbour) == epoch) continue;
        store<u8>(marks + <usize>neighbour, epoch);
        walker.hops++;
        if (count > room) {
          take(graph, walker, count, ef);
          count = 0;
        }
        count = collectMatching(walker, linksOf(graph, neighbour), count, epoch, owners, bitmap, rows);
      }
    }
    take(graph, walker, count, ef);
  }
  walker.waiting = waiting;
  walker.found = found;
  if (walker.paused == 0) sortNearestFirst(walker.results, found);
  return found;
}
