import { scoreBatch } from './batch';
import { allowed, isFiltered } from './allowed';
import { effortAround } from './around';
import { INT8_DOT, INT8_EUCLIDEAN, Graph, Walker, linksOf, upperLinksOf } from './graph';
import { popNearest, pushFarthest, pushNearest, replaceFarthest, sortNearestFirst } from './heap';
import { distanceOf, keyOf, nodeOf } from './keys';
import { packQuery } from './products';

/** Scores one node. */
export function keyOfNode(graph: Graph, walker: Walker, node: u32): i64 {
  store<u32>(walker.batch, node);
  scoreBatch(graph, walker, 1);
  return keyOf(load<i32>(walker.distances), node);
}

/**
 * The node that a greedy walk ends at which starts from `nearest` on level `top` and goes down to the level above `bottom`
 * (Malkov and Yashunin, 2018, Algorithm 5, lines 1 to 6).
 */
export function descend(graph: Graph, walker: Walker, nearest: i64, top: u32, bottom: u32): i64 {
  const batch = walker.batch;
  const distances = walker.distances;
  for (let level = top; level > bottom; level--) {
    let node: u32;
    do {
      node = nodeOf(nearest);
      const links = upperLinksOf(graph, node, level);
      const count = load<u32>(links);
      memory.copy(batch, links + 4, (<usize>count) << 2);
      scoreBatch(graph, walker, count);
      walker.hops++;
      for (let i: usize = 0; i < <usize>count; i++) {
        // By distance alone: a step to a node as near could lead in a circle.
        const distance = load<i32>(distances + (i << 2));
        if (distance < distanceOf(nearest)) nearest = keyOf(distance, load<u32>(batch + (i << 2)));
      }
    } while (node != nodeOf(nearest));
  }
  return nearest;
}

/** What every walk begins with: the node that the greedy walk down to level 0 ends at. */
export function beginWalk(graph: Graph, walker: Walker): i64 {
  walker.computed = 0;
  walker.hops = 0;
  walker.found = 0;
  walker.paused = 0;
  walker.tested = 0;
  walker.matched = 0;
  if (graph.kind == INT8_DOT || graph.kind == INT8_EUCLIDEAN) {
    walker.productQuery = packQuery(walker.codeQuery, walker.packedQuery, graph.codeGroups);
  }
  return descend(graph, walker, keyOfNode(graph, walker, graph.entry), graph.maxLevel, 0);
}

/** A new mark for a walk; old marks are cleared only when all 255 have been used. */
@inline
export function nextEpoch(graph: Graph, walker: Walker): u8 {
  let epoch = walker.epoch + 1;
  if (epoch > 255) {
    memory.fill(walker.marks, 0, <usize>graph.count);
    epoch = 1;
  }
  walker.epoch = epoch;
  return <u8>epoch;
}

/** Copies those of the linked nodes that this walk has not seen into the walker's batch, marks them, and counts them. */
@inline
export function collectUnseen(walker: Walker, links: usize, epoch: u8): u32 {
  const marks = walker.marks;
  const end = links + ((<usize>load<u32>(links)) << 2);
  const batch = walker.batch;
  let at = batch;
  while (links < end) {
    links += 4;
    const neighbour = load<u32>(links);
    const mark = marks + <usize>neighbour;
    // Written without a branch: whether a neighbour is new cannot be predicted.
    const isNew = <usize>(load<u8>(mark) != epoch);
    store<u8>(mark, epoch);
    store<u32>(at, neighbour);
    at += isNew << 2;
  }
  return <u32>((at - batch) >> 2);
}

/** Reads the first lines of a node's links ahead of their use (1.09 times the queries a second on GloVe). */
@inline
export function touchLinks(graph: Graph, node: u32): u32 {
  const links = linksOf(graph, node);
  return load<u32>(links) ^ load<u32>(links, 64);
}

/**
 * Finds about the `ef` nearest nodes to the walker's query (Malkov and Yashunin, Efficient and robust approximate nearest
 * neighbor search using Hierarchical Navigable Small World graphs, 2018, Algorithms 2 and 5): their keys are left in
 * `results`, nearest first, and their number is returned. With `owners` or a `bitmap` (non-zero) only nodes that are allowed become
 * results; the walk goes through the others and ends when `ef` allowed ones are nearer than all that is still to be visited.
 * It also ends when it has computed more distances than the walker's budget, and pauses where the walker says.
 */
export function walk(graph: Graph, walker: Walker, ef: u32, owners: usize, bitmap: usize, rows: u32): u32 {
  const entry = beginWalk(graph, walker);
  const filtered = isFiltered(owners, bitmap);
  if (filtered) {
    ef = effortAround(graph, walker, nodeOf(entry), ef, owners, bitmap, rows);
    if (ef == 0) return 0;
  }
  const epoch = nextEpoch(graph, walker);
  store<u8>(walker.marks + <usize>nodeOf(entry), epoch);
  store<i64>(walker.candidates, entry);
  if (!filtered || allowed(owners, bitmap, rows, nodeOf(entry))) {
    store<i64>(walker.results, entry);
    walker.found = 1;
  }
  walker.kept = ef;
  walker.waiting = 1;
  return resumeWalk(graph, walker, owners, bitmap, rows);
}

/** Goes on with a walk that paused; with a budget that is used up, ends it with what it has. */
export function resumeWalk(graph: Graph, walker: Walker, owners: usize, bitmap: usize, rows: u32): u32 {
  const candidates = walker.candidates;
  const results = walker.results;
  const batch = walker.batch;
  const distances = walker.distances;
  const epoch = <u8>walker.epoch;
  const ef = walker.kept;
  const most = min(walker.budget, walker.pause);
  const filtered = isFiltered(owners, bitmap);
  let waiting = walker.waiting;
  let found = walker.found;
  let touched: u32 = 0;
  let threshold = found == ef ? load<i64>(results) : i64.MAX_VALUE;
  walker.paused = 0;

  while (waiting > 0) {
    const nearest = popNearest(candidates, waiting--);
    if (nearest > threshold) break;
    if (walker.computed > most) {
      if (walker.computed > walker.budget) break;
      pushNearest(candidates, waiting++, nearest);
      walker.paused = 1;
      break;
    }
    walker.hops++;
    if (filtered) {
      walker.tested++;
      walker.matched += <u32>allowed(owners, bitmap, rows, nodeOf(nearest));
    }
    const count = collectUnseen(walker, linksOf(graph, nodeOf(nearest)), epoch);
    // The next node to be visited is most often the best that waits, or one that is about to take its place.
    if (waiting > 0) touched ^= touchLinks(graph, nodeOf(load<i64>(candidates)));
    scoreBatch(graph, walker, count);
    for (let i: usize = 0; i < <usize>count; i++) {
      const node = load<u32>(batch + (i << 2));
      const key = keyOf(load<i32>(distances + (i << 2)), node);
      if (key >= threshold) continue;
      pushNearest(candidates, waiting++, key);
      if (load<i64>(candidates) == key) touched ^= touchLinks(graph, node);
      if (filtered && !allowed(owners, bitmap, rows, node)) continue;
      if (found < ef) {
        pushFarthest(results, found++, key);
      } else {
        replaceFarthest(results, found, key);
      }
      if (found == ef) threshold = load<i64>(results);
    }
  }
  walker.touched = touched;
  walker.waiting = waiting;
  walker.found = found;
  // What is left as a heap is gone on with.
  if (walker.paused == 0) sortNearestFirst(results, found);
  return found;
}
