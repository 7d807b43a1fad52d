// What the host tells the kernel about a graph and about each thread that walks it, as structs in the shared memory.
// The host writes them (see indexes/hnsw/hnsw-layout.ts, which names the same fields in the same order).

/** How the distance of a node to the query is computed. */
export const F32_DOT: u32 = 0;
export const F32_EUCLIDEAN: u32 = 1;
export const INT8_DOT: u32 = 2;
export const INT8_EUCLIDEAN: u32 = 3;
export const BINARY: u32 = 4;

/** Where what matches lies away from the query, and where most of what is about it matches. */
export const FAR: u32 = 1;
export const DENSE: u32 = 2;

/** Read only while the graph is walked. Addresses are bytes; a block of links is a u32 count and room for its links. */
@unmanaged
export class Graph {
  kind: u32;
  count: u32;
  m: u32;
  entry: u32;
  maxLevel: u32;
  /** Level 0: a block of 2m links a node. */
  links: usize;
  /** u32 a node and one more: the number of its first block in `upper`; it has a block of m links for each level above 0. */
  offsets: usize;
  upper: usize;
  /** f32 rows of `lanes` * 16 bytes. */
  vectors: usize;
  lanes: u32;
  codes: usize;
  codeStride: u32;
  /** Code bytes of a row in groups: of 8 under int8, of 16 under binary. */
  codeGroups: u32;
}

/** The scratch of one thread. */
@unmanaged
export class Walker {
  /** The query as f32, and as the codes' kernel wants it: i16 under int8, bits under binary. */
  query: usize;
  codeQuery: usize;
  /** Room for the int8 query in another form, and the form that is in use: see packQuery. */
  packedQuery: usize;
  productQuery: usize;
  /** A byte a node: `epoch` when the running walk has seen the node, so that marks need clearing once in 255 walks. */
  marks: usize;
  epoch: u32;
  /** Heaps of i64 keys. */
  candidates: usize;
  results: usize;
  /** Nodes to be scored at once, and their distances. */
  batch: usize;
  distances: usize;
  /** The neighbours chosen for a node that is inserted. */
  selected: usize;
  /** The last walk's results, distance computations and hops (nodes whose links were read). */
  found: u32;
  computed: u32;
  hops: u32;
  /** A walk that has computed so many distances (and, inside a bitmap, read so many links) gives up: set by the host. */
  budget: u32;
  /**
   * A walk that has come so far, counted alike, pauses: set by the host, too. `paused` tells that it did; `kept` nodes are to be
   * kept in the end, and `waiting` ones wait to be visited.
   */
  pause: u32;
  paused: u32;
  kept: u32;
  waiting: u32;
  /**
   * Where fewer than `farBelow` in 65 536 of about the first `aroundNodes` nodes by the entry match, a walk under a filter keeps `farEf` nodes, and where more
   * than `denseAbove` do, `denseEf`: set by the host. `around`: what was the case in the last walk, FAR, DENSE or 0.
   */
  aroundNodes: u32;
  farEf: u32;
  farBelow: u32;
  denseEf: u32;
  denseAbove: u32;
  around: u32;
  /**
   * Nodes that the last walk under a filter visited, and those of them that match; inside a bitmap the new ones at one link from what it
   * visited.
   */
  tested: u32;
  matched: u32;
  /** Under int8, what an integer product counts for, and what the query adds to all of them: see codeInt8Query. */
  productScale: f32;
  constant: f32;
  /** Where loads go that are made for the cache only, so that the compiler keeps them. */
  touched: u32;
  /** The host's: bitmaps of allowed records, their room and length in words. */
  bitmap: usize;
  bitmapCapacity: u32;
  residentBitmap: usize;
  residentCapacity: u32;
  residentWords: u32;
}

/** What the threads that insert nodes share; the graph's `entry` and `maxLevel` change with them. */
@unmanaged
export class Builder {
  graph: usize;
  efConstruction: u32;
  /** The next node to be inserted, taken atomically, and the end. */
  next: u32;
  end: u32;
  /** Held while a node is inserted that becomes the entry. */
  entryLock: u32;
  /** LOCKS u32 locks; a node takes the one of its last bits. */
  locks: usize;
}

@inline
export function linksOf(graph: Graph, node: u32): usize {
  return graph.links + <usize>node * (((<usize>graph.m) << 3) + 4);
}

@inline
export function levelOf(graph: Graph, node: u32): u32 {
  const at = graph.offsets + ((<usize>node) << 2);
  return load<u32>(at, 4) - load<u32>(at);
}

/** The block of links of a node at a level from 1 up to its own. */
@inline
export function upperLinksOf(graph: Graph, node: u32, level: u32): usize {
  const block = load<u32>(graph.offsets + ((<usize>node) << 2)) + level - 1;
  return graph.upper + <usize>block * (((<usize>graph.m) << 2) + 4);
}

/** The block of links of a node at any of its levels. */
@inline
export function linksAt(graph: Graph, node: u32, level: u32): usize {
  return level == 0 ? linksOf(graph, node) : upperLinksOf(graph, node, level);
}
