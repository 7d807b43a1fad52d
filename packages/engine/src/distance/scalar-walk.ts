import { byDistance, descend, levelZeroLinks, type GraphStruct, type Scored } from './scalar-graph.js';

/** What the scalar twins of the walks are given: see assembly/hnsw/walk.ts and walk-inside.ts. */
export interface ScalarWalk {
  readonly u32: Uint32Array;
  readonly graph: GraphStruct;
  readonly ef: number;
  /** See the walker's members; they may change where it pauses. */
  readonly budget: () => number;
  readonly pause: () => number;
  readonly distanceTo: (node: number) => number;
  readonly allowed: (node: number) => boolean;
  /** See GraphKernel.walk; undefined without owners. */
  readonly around:
    | {
        readonly aroundNodes: number;
        readonly farEf: number;
        readonly farBelow: number;
        readonly denseEf: number;
        readonly denseAbove: number;
      }
    | undefined;
}

/** A running walk: lists that are sorted at every step stand for heaps. */
export class Walking {
  readonly seen = new Set<number>();
  readonly candidates: Scored[] = [];
  readonly results: Scored[] = [];
  computed = 0;
  hops = 0;
  paused = false;
  tested = 0;
  matched = 0;

  constructor(readonly walk: ScalarWalk) {
    const { u32, graph } = walk;
    const hop = () => this.hops++;
    const nearest = descend(u32, graph, this.score(graph.entry), graph.maxLevel, 0, this.score, hop);
    this.seen.add(nearest.node);
    this.candidates.push(nearest);
    if (walk.allowed(nearest.node)) this.results.push(nearest);
  }

  readonly score = (node: number): Scored => {
    this.computed++;
    return { node, distance: this.walk.distanceTo(node) };
  };

  /**
   * The next node to be visited, unless all that waits is farther than the results, or the walk has come as far as its budget
   * or its pause, of which `spent` is counted.
   */
  next(spent: number): Scored | undefined {
    const [nearest] = this.candidates;
    this.paused = false;
    if (nearest === undefined || byDistance(nearest, this.#worst()) > 0 || spent > this.walk.budget()) return undefined;
    this.paused = spent > this.walk.pause();
    return this.paused ? undefined : this.candidates.shift();
  }

  take(nodes: readonly number[]): void {
    for (const next of nodes.map(this.score)) {
      if (byDistance(next, this.#worst()) >= 0) continue;
      this.candidates.push(next);
      if (this.walk.allowed(next.node)) this.results.push(next);
      this.results.sort(byDistance).splice(this.walk.ef);
    }
    this.candidates.sort(byDistance);
  }

  /** Those of some nodes that the walk has not seen. */
  unseen(nodes: readonly number[]): number[] {
    const found = nodes.filter((node) => !this.seen.has(node));
    for (const node of found) this.seen.add(node);
    return [...new Set(found)];
  }

  #worst(): Scored {
    const { results, walk } = this;
    return results.length === walk.ef ? results[walk.ef - 1] : { node: 0, distance: Infinity };
  }
}

/** The walk with the effort that suits what matches about its entry, and whether nearly all does; undefined where it gives up. */
function withEffortAround(asked: ScalarWalk): { walk: ScalarWalk; isDense: boolean } | undefined {
  const { u32, graph, allowed, around } = asked;
  if (around === undefined || (around.farBelow === 0 && around.denseAbove === 0xffffffff)) {
    return { walk: asked, isDense: false };
  }
  const [entry] = new Walking(asked).candidates;
  const near = levelZeroLinks(u32, graph, entry.node);
  const about = [...near];
  for (const node of near) if (about.length < around.aroundNodes) about.push(...levelZeroLinks(u32, graph, node));
  const matched = about.filter(allowed).length * 65_536;
  const isFar = matched < about.length * around.farBelow;
  const isDense = !isFar && matched > about.length * around.denseAbove;
  const ef = isFar ? around.farEf : isDense ? around.denseEf : asked.ef;
  return ef === 0 ? undefined : { walk: { ...asked, ef }, isDense };
}

/** A walk that has begun; undefined where it gives up. */
export function beginScalarWalk(asked: ScalarWalk): Walking | undefined {
  const about = withEffortAround(asked);
  return about && new Walking(about.walk);
}

/** Goes on with a walk, up to its end or its next pause. */
export function resumeScalarWalk(walking: Walking): void {
  const { u32, graph, around, allowed } = walking.walk;
  for (let nearest = walking.next(walking.computed); nearest; nearest = walking.next(walking.computed)) {
    if (around !== undefined) {
      walking.tested++;
      if (allowed(nearest.node)) walking.matched++;
    }
    walking.take(walking.unseen(levelZeroLinks(u32, graph, nearest.node)));
  }
}

/** A walk inside the bitmap that has begun. */
export function beginScalarWalkInside(asked: ScalarWalk, starts: number): Walking | undefined {
  const about = withEffortAround(asked);
  if (about === undefined) return undefined;
  const { walk, isDense } = about;
  const walking = new Walking(walk);
  const { graph, allowed } = walk;
  const step = Math.floor(graph.count / Math.max(starts, 1));
  for (let i = 0; i < (isDense ? 0 : starts); i++) {
    const nodes = Array.from({ length: Math.min(step, 1024) }, (_, at) => i * step + at);
    const start = nodes.find((node) => !walking.seen.has(node) && allowed(node));
    if (start !== undefined) walking.take(walking.unseen([start]));
  }
  return walking;
}

export function resumeScalarWalkInside(walking: Walking, enough: number): void {
  const { u32, graph, allowed } = walking.walk;
  const linksOf = (node: number) => levelZeroLinks(u32, graph, node);
  const next = () => walking.next(walking.computed + walking.hops);
  for (let nearest = next(); nearest !== undefined; nearest = next()) {
    walking.hops++;
    const links = linksOf(nearest.node);
    walking.tested += links.filter((node) => !walking.seen.has(node)).length;
    const matching = walking.unseen(links.filter(allowed));
    walking.matched += matching.length;
    if (links.filter(allowed).length < enough) {
      for (const neighbour of links) {
        if (walking.unseen([neighbour]).length === 0) continue;
        walking.hops++;
        matching.push(...walking.unseen(linksOf(neighbour).filter(allowed)));
      }
    }
    walking.take(matching);
  }
}
