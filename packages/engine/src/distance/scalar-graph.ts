import type { GRAPH_MEMBERS } from './graph-kernel.js';

// How the scalar twins of the graph kernel read the memory: see graph-kernel.ts for what lies there.

export type Struct<Names extends readonly string[]> = Record<Names[number], number>;

export type GraphStruct = Struct<typeof GRAPH_MEMBERS>;

/** A node and its distance as the SIMD kernel orders them: integers, or f32 numbers. */
export interface Scored {
  node: number;
  distance: number;
}

export function readStruct<const Names extends readonly string[]>(
  u32: Uint32Array,
  at: number,
  names: Names,
): Struct<Names> {
  return Object.fromEntries(names.map((name, i) => [name, u32[at / 4 + i]])) as Struct<Names>;
}

export function byDistance(a: Scored, b: Scored): number {
  return a.distance - b.distance || a.node - b.node;
}

export function levelZeroLinks(u32: Uint32Array, graph: GraphStruct, node: number): number[] {
  const at = graph.links / 4 + node * (2 * graph.m + 1);
  return Array.from(u32.subarray(at + 1, at + 1 + u32[at]));
}

export function upperLinks(u32: Uint32Array, graph: GraphStruct, node: number, level: number): number[] {
  const at = graph.upper / 4 + (u32[graph.offsets / 4 + node] + level - 1) * (graph.m + 1);
  return Array.from(u32.subarray(at + 1, at + 1 + u32[at]));
}

/** The node that a greedy walk ends at, from `nearest` on level `top` down to the level above `bottom`. */
export function descend(
  u32: Uint32Array,
  graph: GraphStruct,
  start: Scored,
  top: number,
  bottom: number,
  score: (node: number) => Scored,
  hop: () => void = () => undefined,
): Scored {
  let nearest = start;
  for (let level = top; level > bottom; level--) {
    for (let from = -1; from !== nearest.node; ) {
      from = nearest.node;
      hop();
      for (const next of upperLinks(u32, graph, from, level).map(score)) {
        if (next.distance < nearest.distance) nearest = next;
      }
    }
  }
  return nearest;
}
