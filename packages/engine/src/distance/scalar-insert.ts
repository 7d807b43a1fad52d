import { BUILDER_MEMBERS, GRAPH_KIND, GRAPH_MEMBERS, type GraphKernel } from './graph-kernel.js';
import { descend, levelZeroLinks, readStruct, upperLinks, type GraphStruct, type Scored } from './scalar-graph.js';
import { scalarKernel } from './scalar-kernel.js';

/** The scalar twin of insertion, for one thread: the links that it makes are those that the SIMD kernel makes. */
export function scalarInsert(memory: WebAssembly.Memory): GraphKernel['insert'] {
  const u32 = new Uint32Array(memory.buffer);
  const exact = scalarKernel(memory);

  return (builderAt, _walker, most) => {
    const member = (name: (typeof BUILDER_MEMBERS)[number]) => builderAt / 4 + BUILDER_MEMBERS.indexOf(name);
    const { efConstruction, end, graph: graphAt } = readStruct(u32, builderAt, BUILDER_MEMBERS);
    let inserted = 0;
    for (; inserted < most; inserted++) {
      const node = u32[member('next')]++;
      if (node >= end) break;
      const graph = readStruct(u32, graphAt, GRAPH_MEMBERS);
      const level = u32[graph.offsets / 4 + node + 1] - u32[graph.offsets / 4 + node];
      insertNode({ u32, graph, distance: distances(graph, exact) }, node, level, efConstruction);
      if (level <= graph.maxLevel) continue;
      u32[graphAt / 4 + GRAPH_MEMBERS.indexOf('entry')] = node;
      u32[graphAt / 4 + GRAPH_MEMBERS.indexOf('maxLevel')] = level;
    }
    return inserted;
  };
}

interface Graph {
  u32: Uint32Array;
  graph: GraphStruct;
  distance: (a: number, b: number) => number;
}

function distances(
  { kind, vectors, lanes }: GraphStruct,
  exact: ReturnType<typeof scalarKernel>,
): (a: number, b: number) => number {
  const row = (node: number) => vectors + node * lanes * 16;
  return kind === GRAPH_KIND.f32Euclidean
    ? (a, b) => Math.fround(exact.squaredEuclidean(row(a), row(b), lanes))
    : (a, b) => Math.fround(-exact.dot(row(a), row(b), lanes));
}

function insertNode(on: Graph, node: number, level: number, efConstruction: number): void {
  const { u32, graph, distance } = on;
  const score = (other: number): Scored => ({ node: other, distance: distance(node, other) });
  const levels = Math.min(level, graph.maxLevel);
  let nearest = descend(u32, graph, score(graph.entry), graph.maxLevel, levels, score);
  for (let at = levels; at >= 0; at--) {
    const found = searchLevel(on, score, nearest, at, efConstruction);
    nearest = found[0];
    writeLinks(on, node, at, select(on, found, graph.m));
  }
  for (let at = 0; at <= levels; at++) for (const other of linksOf(on, node, at)) connect(on, other, node, at);
}

function searchLevel(on: Graph, score: (node: number) => Scored, start: Scored, level: number, ef: number): Scored[] {
  const seen = new Set([start.node]);
  const candidates = [start];
  const results = [start];
  const isWorse = (next: Scored) => results.length === ef && latestFirst(next, results[ef - 1]) >= 0;
  while (candidates.length > 0) {
    const candidate = candidates.shift()!;
    if (results.length === ef && latestFirst(candidate, results[ef - 1]) > 0) break;
    for (const next of linksOf(on, candidate.node, level).map(score)) {
      if (seen.has(next.node)) continue;
      seen.add(next.node);
      if (isWorse(next)) continue;
      candidates.push(next);
      results.push(next);
      results.sort(latestFirst).splice(ef);
    }
    candidates.sort(latestFirst);
  }
  return results;
}

function select({ distance }: Graph, found: readonly Scored[], most: number): number[] {
  const selected: number[] = [];
  for (const next of found) {
    if (selected.length === most) break;
    const isDiverse = selected.every((other) => distance(next.node, other) >= next.distance);
    if (found.length < most || isDiverse) selected.push(next.node);
  }
  return selected;
}

function connect(on: Graph, node: number, added: number, level: number): void {
  const all = [...linksOf(on, node, level), added];
  const room = level === 0 ? 2 * on.graph.m : on.graph.m;
  if (all.length <= room) return writeLinks(on, node, level, all);
  const scored = all.map((other) => ({ node: other, distance: on.distance(node, other) }));
  writeLinks(on, node, level, select(on, scored.sort(latestFirst), room));
}

function linksOf({ u32, graph }: Graph, node: number, level: number): number[] {
  return level === 0 ? levelZeroLinks(u32, graph, node) : upperLinks(u32, graph, node, level);
}

function writeLinks({ u32, graph }: Graph, node: number, level: number, links: readonly number[]): void {
  const block = u32[graph.offsets / 4 + node] + level - 1;
  const at = level === 0 ? graph.links / 4 + node * (2 * graph.m + 1) : graph.upper / 4 + block * (graph.m + 1);
  u32.set([links.length, ...links], at);
}

/** By distance; among equals the latest node first. */
function latestFirst(a: Scored, b: Scored): number {
  return a.distance - b.distance || b.node - a.node;
}
