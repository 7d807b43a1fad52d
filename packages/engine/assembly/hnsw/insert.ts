import { scoreBatch, scoreRow, scoreVectors } from './batch';
import { Builder, F32_EUCLIDEAN, Graph, Walker, levelOf, linksAt } from './graph';
import { popNearest, pushFarthest, pushNearest, replaceFarthest, sortNearestFirst } from './heap';
import { distanceOf, keyOf, nodeOf } from './keys';
import { lock, unlock } from './lock';
import { collectUnseen, descend, keyOfNode, nextEpoch } from './walk';

// Several threads insert into one graph at the same time. A node is linked to from others only when its own links are
// complete on every level, so that no search can end in it. Links are changed under the lock of their node but read without:
// a reader may see some old and some new links of a list that is being rewritten, all of them numbers of nodes on that level.

const LOCKS: u32 = 1 << 16;

// Among nodes at the same distance, as many equal vectors are, the latest comes first: were it the earliest, all would link
// to the same few and later ones could not be reached.

@inline
function latestFirst(distance: i32, node: u32): i64 {
  return keyOf(distance, ~node);
}

@inline
function latestNodeOf(key: i64): u32 {
  return ~nodeOf(key);
}

@inline
function lockOf(builder: Builder, node: u32): usize {
  return builder.locks + ((<usize>(node & (LOCKS - 1))) << 2);
}

/** The `ef` nearest nodes to the walker's query on a level, sorted into `results` (Malkov and Yashunin, 2018, Algorithm 2). */
function searchLevel(graph: Graph, walker: Walker, start: i64, level: u32, ef: u32): u32 {
  const candidates = walker.candidates;
  const results = walker.results;
  const batch = walker.batch;
  const distances = walker.distances;
  const epoch = nextEpoch(graph, walker);
  let waiting: u32 = 1;
  let found: u32 = 1;
  store<u8>(walker.marks + <usize>latestNodeOf(start), epoch);
  store<i64>(candidates, start);
  store<i64>(results, start);
  let threshold = found == ef ? start : i64.MAX_VALUE;
  while (waiting > 0) {
    const nearest = popNearest(candidates, waiting--);
    if (nearest > threshold) break;
    const count = collectUnseen(walker, linksAt(graph, latestNodeOf(nearest), level), epoch);
    scoreBatch(graph, walker, count);
    for (let i: usize = 0; i < <usize>count; i++) {
      const key = latestFirst(load<i32>(distances + (i << 2)), load<u32>(batch + (i << 2)));
      if (key >= threshold) continue;
      pushNearest(candidates, waiting++, key);
      if (found < ef) pushFarthest(results, found++, key);
      else replaceFarthest(results, found, key);
      if (found == ef) threshold = load<i64>(results);
    }
  }
  sortNearestFirst(results, found);
  return found;
}

/** Whether a node is nearer to the base (at `distance`) than to each of the `count` selected ones. */
function isDiverse(graph: Graph, walker: Walker, node: u32, distance: i32, count: u32): bool {
  const isEuclidean = graph.kind == F32_EUCLIDEAN;
  const row = graph.vectors + <usize>node * ((<usize>graph.lanes) << 4);
  const distances = walker.distances;
  // Four at a time: most are refused by one of the first.
  for (let i: u32 = 0; i < count; i += 4) {
    const part = min(count - i, 4);
    scoreRow(graph, isEuclidean, row, walker.selected + ((<usize>i) << 2), distances, part);
    for (let j: usize = 0; j < <usize>part; j++) if (load<i32>(distances + (j << 2)) < distance) return false;
  }
  return true;
}

/**
 * Chooses up to `most` of the `found` keys in `results`, nearest first, such that each is nearer to the base than to those
 * chosen before it (Algorithm 4 without the pruned ones, as hnswlib has it), into `selected`, and counts them.
 */
function select(graph: Graph, walker: Walker, found: u32, most: u32): u32 {
  const results = walker.results;
  const selected = walker.selected;
  let count: u32 = 0;
  for (let i: u32 = 0; i < found && count < most; i++) {
    const key = load<i64>(results + ((<usize>i) << 3));
    const node = latestNodeOf(key);
    if (found >= most && !isDiverse(graph, walker, node, distanceOf(key), count)) continue;
    store<u32>(selected + ((<usize>count) << 2), node);
    count++;
  }
  return count;
}

/** Writes the `count` selected nodes as a block of links. */
@inline
function writeSelected(walker: Walker, links: usize, count: u32): void {
  memory.copy(links + 4, walker.selected, (<usize>count) << 2);
  store<u32>(links, count);
}

/** Adds a link from `node` to `added`; a full block keeps the choice of Algorithm 4. */
function connect(graph: Graph, walker: Walker, node: u32, added: u32, level: u32): void {
  const links = linksAt(graph, node, level);
  const used = load<u32>(links);
  const room = level == 0 ? graph.m << 1 : graph.m;
  if (used < room) {
    store<u32>(links + ((<usize>used) << 2), added, 4);
    store<u32>(links, used + 1);
    return;
  }
  const batch = walker.batch;
  const distances = walker.distances;
  const row = graph.vectors + <usize>node * ((<usize>graph.lanes) << 4);
  memory.copy(batch, links + 4, (<usize>used) << 2);
  store<u32>(batch + ((<usize>used) << 2), added);
  scoreVectors(graph, graph.kind == F32_EUCLIDEAN, row, batch, distances, used + 1);
  for (let i: u32 = 0; i <= used; i++) {
    const at = (<usize>i) << 2;
    pushFarthest(walker.results, i, latestFirst(load<i32>(distances + at), load<u32>(batch + at)));
  }
  sortNearestFirst(walker.results, used + 1);
  writeSelected(walker, links, select(graph, walker, used + 1, room));
}

/** Inserts a node below level `top`, from the entry on (Algorithm 1). */
function insertNode(builder: Builder, graph: Graph, walker: Walker, node: u32, top: u32): void {
  const levels = min(levelOf(graph, node), top);
  walker.query = graph.vectors + <usize>node * ((<usize>graph.lanes) << 4);
  const entry = atomic.load<u32>(changetype<usize>(graph) + offsetof<Graph>('entry'));
  const start = descend(graph, walker, keyOfNode(graph, walker, entry), top, levels);
  let nearest = latestFirst(distanceOf(start), nodeOf(start));
  for (let level = <i32>levels; level >= 0; level--) {
    const found = searchLevel(graph, walker, nearest, level, builder.efConstruction);
    nearest = load<i64>(walker.results);
    writeSelected(walker, linksAt(graph, node, level), select(graph, walker, found, graph.m));
  }
  // From the bottom, as a node that can be reached on a level can be reached, and be linked to, on those below as well.
  const own = walker.candidates;
  for (let level: u32 = 0; level <= levels; level++) {
    const links = linksAt(graph, node, level);
    const count = load<u32>(links);
    memory.copy(own, links + 4, (<usize>count) << 2);
    for (let i: u32 = 0; i < count; i++) {
      const other = load<u32>(own + ((<usize>i) << 2));
      const held = lockOf(builder, other);
      lock(held);
      connect(graph, walker, other, node, level);
      unlock(held);
    }
  }
}

/**
 * Takes up to `most` nodes that no thread has taken yet and inserts them; returns how many there were. Their levels are
 * those that the offsets leave room for.
 */
export function insert(builder: Builder, walker: Walker, most: u32): u32 {
  const graph = changetype<Graph>(builder.graph);
  const maxLevel = changetype<usize>(graph) + offsetof<Graph>('maxLevel');
  const entryLock = changetype<usize>(builder) + offsetof<Builder>('entryLock');
  const query = walker.query;
  let inserted: u32 = 0;
  for (; inserted < most; inserted++) {
    const node = atomic.add<u32>(changetype<usize>(builder) + offsetof<Builder>('next'), 1);
    if (node >= builder.end) break;
    const level = levelOf(graph, node);
    if (level <= atomic.load<u32>(maxLevel)) {
      insertNode(builder, graph, walker, node, atomic.load<u32>(maxLevel));
      continue;
    }
    lock(entryLock);
    const top = graph.maxLevel;
    insertNode(builder, graph, walker, node, top);
    if (level > top) {
      // The entry first: a thread that reads the old level with it finds its links there, too.
      atomic.store<u32>(changetype<usize>(graph) + offsetof<Graph>('entry'), node);
      atomic.store<u32>(maxLevel, level);
    }
    unlock(entryLock);
  }
  walker.query = query;
  return inserted;
}
