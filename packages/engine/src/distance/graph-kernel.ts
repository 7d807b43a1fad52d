/**
 * The operations over an HNSW graph in one linear memory. `graph` and `walker` are addresses of structs of 4-byte members
 * in the orders below; a node's block of links is a u32 count and room for 2m (level 0) or m links (levels above).
 * The SIMD and the scalar implementation pass one conformance suite.
 */
export interface GraphKernel {
  /**
   * Finds about the `ef` nearest nodes to the walker's query (Malkov and Yashunin, Efficient and robust approximate nearest
   * neighbor search using Hierarchical Navigable Small World graphs, 2018). Their keys are left in `results`, nearest
   * first: a u32 node, then its distance as an i32. With `owners` (non-zero) only nodes whose u32 owner is below `rows`
   * and has its bit in `bitmap` (0 for none) become results; without, a `bitmap` has bits of nodes. Returns how many were found. A walk
   * that has computed more distances than the walker's `budget` ends with what it has. With either, where fewer than the walker's `farBelow` in 65 536 of
   * the nodes at one link from the entry, and at two until about `aroundNodes` are looked at, match, its `farEf` takes the place of `ef`
   * (0: gives up at once), and where more than `denseAbove` do, `denseEf`. It leaves in `tested` how many nodes it visited, with either, and in
   * `matched` how many of them match. One that has computed more than the walker's `pause`, and not than its budget, pauses: it sets
   * `paused`, and what it has found is not to be read yet.
   */
  walk(graph: number, walker: number, ef: number, owners: number, bitmap: number, rows: number): number;
  /**
   * As `walk`, inside the bitmap: only nodes that match (as results of `walk` do) are scored and visited, and of a visited node
   * with fewer than `enough` matching neighbours, the neighbours of the others as well (ACORN-1: Patel and others, ACORN:
   * Performant and predicate-agnostic search over vector embeddings and structured data, 2024). It begins where `walk`
   * does and, unless nearly all matches there, at `starts` matching nodes from all over the graph. `tested` and `matched` count the neighbours of
   * visited nodes that it had not taken before. Nodes whose neighbours are looked at count as hops.
   */
  walkInside(
    graph: number,
    walker: number,
    ef: number,
    owners: number,
    bitmap: number,
    rows: number,
    enough: number,
    starts: number,
  ): number;
  /**
   * Goes on with a walk that has paused, as far as the next pause, and returns how many it has found so far. With a budget of 0
   * it ends with these.
   */
  resumeWalk(graph: number, walker: number, owners: number, bitmap: number, rows: number): number;
  resumeWalkInside(graph: number, walker: number, owners: number, bitmap: number, rows: number, enough: number): number;
  /** The largest magnitude of the i16 codes of an int8 walk's query that the walk is fastest with. */
  fastestQueryCode(): number;
  /**
   * Takes up to `most` nodes from those that the builder's struct counts, and inserts them by their f32 rows (same paper,
   * Algorithm 1). Several threads may do so at the same time, each with its own walker. Returns how many it took.
   */
  insert(builder: number, walker: number, most: number): number;
  /** 0 when the links cannot lead out of their arrays, of which `upper` has `blocks` blocks; else a GRAPH_DAMAGE number. */
  validateGraph(graph: number, blocks: number): number;
  /**
   * Writes the exact score of each node: the dot product, or with `euclidean` (1) the negative squared distance. `owners` is
   * where the caller reads of the nodes next.
   */
  rescoreNodes(
    graph: number,
    euclidean: number,
    query: number,
    owners: number,
    nodes: number,
    scores: number,
    count: number,
  ): void;
  /** Scores every allowed node from `first` up to, not including, `end` exactly and keeps the best in the heap of top-k.ts. */
  scanNodes(
    graph: number,
    euclidean: number,
    query: number,
    owners: number,
    bitmap: number,
    rows: number,
    first: number,
    end: number,
    heap: number,
  ): void;
  /** As scanNodes, of `count` listed nodes; the number behind them is overwritten. */
  scanListed(graph: number, euclidean: number, query: number, nodes: number, count: number, heap: number): void;
  /**
   * Codes the walker's query of `lanes` * 4 numbers for a walk over int8 codes: its i16 codes, `productScale` and `constant`.
   * The product of its codes with a row's, times the scale, plus the constant is the dot product with the row (euclidean (1): the
   * part of the squared distance that depends on the query), up to the rounding of both.
   */
  codeInt8Query(walker: number, lanes: number, middles: number, scales: number, euclidean: number): void;
  /** Scales rows of `lanes` * 4 numbers to length 1, in place; rows of zeros stay. */
  normalizeRows(rows: number, count: number, lanes: number): void;
  /**
   * Codes rows as i8, `groups` of 8 a row: x is about middle + scale * code in each dimension. `middles` and `scales` are
   * padded with zeros to whole groups. With `withNorm` (1) the squared length of the coded part follows as f32.
   */
  encodeInt8(
    rows: number,
    count: number,
    lanes: number,
    codes: number,
    codeStride: number,
    groups: number,
    middles: number,
    scales: number,
    withNorm: number,
  ): void;
  /** Codes rows as a bit a dimension: set above the mean. `means` is padded with Infinity to whole bytes. */
  encodeBinary(rows: number, count: number, lanes: number, codes: number, codeStride: number, means: number): void;
}

/** Members of the struct that threads share which insert into a graph. */
export const BUILDER_MEMBERS = ['graph', 'efConstruction', 'next', 'end', 'entryLock', 'locks'] as const;

/** u32 locks that a builder has room for. */
export const BUILDER_LOCKS = 65_536;

/** How the kernel compares a node with a query. */
export const GRAPH_KIND = { f32Dot: 0, f32Euclidean: 1, int8Dot: 2, int8Euclidean: 3, binary: 4 } as const;

/** Members of the graph's struct. */
export const GRAPH_MEMBERS = [
  'kind',
  'count',
  'm',
  'entry',
  'maxLevel',
  'links',
  'offsets',
  'upper',
  'vectors',
  'lanes',
  'codes',
  'codeStride',
  'codeGroups',
] as const;

/** Members of a walker's struct; `productScale` and `constant` are f32, the others u32. */
export const WALKER_MEMBERS = [
  'query',
  'codeQuery',
  'packedQuery',
  'productQuery',
  'marks',
  'epoch',
  'candidates',
  'results',
  'batch',
  'distances',
  'selected',
  'found',
  'computed',
  'hops',
  'budget',
  'pause',
  'paused',
  'kept',
  'waiting',
  'aroundNodes',
  'farEf',
  'farBelow',
  'denseEf',
  'denseAbove',
  'around',
  'tested',
  'matched',
  'productScale',
  'constant',
  'touched',
  'bitmap',
  'bitmapCapacity',
  'residentBitmap',
  'residentCapacity',
  'residentWords',
] as const;

/** What a walk leaves in `around`: nothing special, few matches about the query, or many. */
export const AROUND = { usual: 0, far: 1, dense: 2 } as const;

/** What `validateGraph` may find, by number. */
export const GRAPH_DAMAGE = [
  '',
  'offsets of upper levels',
  'links of level 0',
  'links of upper levels',
  'entry',
] as const;
