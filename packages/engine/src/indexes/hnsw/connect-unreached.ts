import type { HnswIndex } from './hnsw-index.js';

/** While a round leaves no more than this share of the nodes, another one is cheaper than searches. */
const WORTH_A_ROUND = 0.75;
/** Nodes between two looks at whether to stop. */
const SLICE = 64;
const UNREACHED = -1;

/**
 * Gives a link to every node to which level 0 has no path from the entry, and returns how many such nodes there were. Choosing
 * diverse neighbours (Malkov and Yashunin, 2018, Algorithm 4) leaves some without any link to them: hardly one under euclidean
 * and cosine at usual m, but a quarter and more under dot, where all links go to long vectors.
 *
 * A node is linked to from one that it links to, or from a neighbour of those, whichever is the nearest with room for a link: to
 * replace links instead costs those recall that were found before. Call it when the graph is sealed and coded, and before other
 * threads attach. Ends early when `cancelled` says so.
 */
export function connectUnreached(index: HnswIndex, cancelled: () => boolean = () => false): number {
  const reached = new ReachedNodes(index);
  const found = reached.others();
  let waiting = found;
  for (let isLast = false; waiting.length > 0; ) {
    const left: number[] = [];
    for (const [i, node] of waiting.entries()) {
      if (i % SLICE === 0 && cancelled()) return found.length;
      // Reached by way of another one, meanwhile.
      if (reached.has(node) || reached.linkNearby(node)) continue;
      if (isLast) reached.linkFound(node);
      else left.push(node);
    }
    isLast = left.length > WORTH_A_ROUND * waiting.length;
    waiting = left;
  }
  return found.length;
}

/** The nodes that level 0 leads to from the entry, as a tree of links, which is never cut. */
class ReachedNodes {
  readonly #index: HnswIndex;
  readonly #links: Uint32Array;
  readonly #room: number;
  /** The node that each one was reached from. */
  readonly #parents: Int32Array;
  readonly #queue: Uint32Array;
  /** The neighbours of neighbours that were looked at last, and for each node when it last was among them. */
  readonly #ring: Uint32Array;
  readonly #looks: Uint32Array;
  #look = 0;
  #head = 0;
  #tail = 0;

  constructor(index: HnswIndex) {
    const { count, m, entry, links } = index.graph;
    this.#index = index;
    this.#links = links;
    this.#room = 2 * m;
    this.#parents = new Int32Array(count).fill(UNREACHED);
    this.#queue = new Uint32Array(count);
    this.#ring = new Uint32Array(this.#room ** 2);
    this.#looks = new Uint32Array(count);
    this.#reach(entry, entry);
  }

  has(node: number): boolean {
    return this.#parents[node] !== UNREACHED;
  }

  others(): number[] {
    const others: number[] = [];
    if (this.#tail === this.#parents.length) return others;
    for (let node = 0; node < this.#parents.length; node++) if (!this.has(node)) others.push(node);
    return others;
  }

  /** Links to a node from one that is one or two links away from it; false if none is reached and has room. */
  linkNearby(node: number): boolean {
    const near = this.#reachedNeighbours(node);
    return this.#linkFromRoom(node, near) || this.#linkFromRoom(node, this.#beyond(near));
  }

  /** Links to a node from the nearest that a search finds, if need be in the place of a link that nothing depends on. */
  linkFound(node: number): void {
    const { count, efConstruction } = this.#index.header;
    const query = this.#vectorOf(node);
    const walked = this.#index.search(query, { ef: efConstruction, walker: 0 }).nodes;
    if (this.#linkFromAny(node, walked)) return;
    // In the end there is one, as there are more links than the tree has.
    for (let limit = efConstruction; ; limit *= 2) {
      const { nodes } = this.#index.scan(query, { limit, walker: 0 });
      if (this.#linkFromAny(node, nodes)) return;
      if (nodes.length === count) throw new Error(`No node can be linked to ${node}`);
    }
  }

  #linkFromAny(node: number, others: Uint32Array): boolean {
    const reached = others.filter((other) => this.has(other));
    if (this.#linkFromRoom(node, reached)) return true;
    const scores = this.#index.rescore(this.#vectorOf(node), reached, 0);
    const scored = Array.from(reached, (other, i) => ({ other, score: scores[i] }));
    scored.sort((a, b) => (a.score === b.score ? a.other - b.other : b.score - a.score));
    return scored.some(({ other }) => this.#replaceLink(other, node));
  }

  /** Links to a node from the nearest of others that has room. */
  #linkFromRoom(node: number, others: Uint32Array): boolean {
    const withRoom = others.filter((other) => this.#links[this.#blockOf(other)] < this.#room);
    if (withRoom.length === 0) return false;
    const scores = this.#index.rescore(this.#vectorOf(node), withRoom, 0);
    let best = 0;
    for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
    const block = this.#blockOf(withRoom[best]);
    this.#links[block + ++this.#links[block]] = node;
    this.#reach(node, withRoom[best]);
    return true;
  }

  /** Replaces the last link of `from` that reaches nothing first: they begin with the nearest. */
  #replaceLink(from: number, node: number): boolean {
    const block = this.#blockOf(from);
    for (let at = block + this.#links[block]; at > block; at--) {
      if (this.#parents[this.#links[at]] === from) continue;
      this.#links[at] = node;
      this.#reach(node, from);
      return true;
    }
    return false;
  }

  /** Takes a node in, and all that it leads to. */
  #reach(node: number, from: number): void {
    this.#take(node, from);
    while (this.#head < this.#tail) {
      const next = this.#queue[this.#head++];
      const block = this.#blockOf(next);
      for (let at = block + 1; at <= block + this.#links[block]; at++) {
        if (!this.has(this.#links[at])) this.#take(this.#links[at], next);
      }
    }
  }

  #take(node: number, from: number): void {
    this.#parents[node] = from;
    this.#queue[this.#tail++] = node;
  }

  #blockOf(node: number): number {
    return node * (this.#room + 1);
  }

  #reachedNeighbours(node: number): Uint32Array {
    const block = this.#blockOf(node);
    return this.#links.subarray(block + 1, block + 1 + this.#links[block]).filter((other) => this.has(other));
  }

  /** The reached neighbours of some nodes, each once. */
  #beyond(nodes: Uint32Array): Uint32Array {
    this.#look++;
    let count = 0;
    for (const node of nodes) {
      const block = this.#blockOf(node);
      for (let at = block + 1; at <= block + this.#links[block]; at++) {
        const next = this.#links[at];
        if (this.#looks[next] === this.#look || !this.has(next)) continue;
        this.#looks[next] = this.#look;
        this.#ring[count++] = next;
      }
    }
    return this.#ring.subarray(0, count);
  }

  #vectorOf(node: number): Float32Array {
    return this.#index.vectorRows(node, 1).subarray(0, this.#index.header.dimensions);
  }
}
