import { Graph, levelOf, linksOf, upperLinksOf } from './graph';

export const SOUND: u32 = 0;
export const BAD_OFFSETS: u32 = 1;
export const BAD_LINKS: u32 = 2;
export const BAD_UPPER_LINKS: u32 = 3;
export const BAD_ENTRY: u32 = 4;

/** Levels are drawn from a geometric distribution: 2^32 nodes at m = 2 stay far below this. */
const MAX_LEVEL: u32 = 63;

/**
 * Whether every number in the links can be followed without leaving the arrays (0), or which part is damaged. `blocks` is
 * the room in `upper`. A graph that passes cannot make `walk` read out of bounds or go on for ever.
 */
export function validateGraph(graph: Graph, blocks: u32): u32 {
  if (graph.maxLevel > MAX_LEVEL || graph.entry >= graph.count) return BAD_ENTRY;
  if (!offsetsAreSound(graph, blocks)) return BAD_OFFSETS;
  if (levelOf(graph, graph.entry) != graph.maxLevel) return BAD_ENTRY;
  if (!linksAreSound(graph)) return BAD_LINKS;
  return upperLinksAreSound(graph) ? SOUND : BAD_UPPER_LINKS;
}

function offsetsAreSound(graph: Graph, blocks: u32): bool {
  const offsets = graph.offsets;
  const end = offsets + ((<usize>graph.count) << 2);
  if (load<u32>(offsets) != 0 || load<u32>(end) != blocks) return false;
  const maxLevel = graph.maxLevel;
  for (let at = offsets; at < end; at += 4) {
    const next = load<u32>(at, 4);
    // A step backwards wraps round to a level far above the highest.
    if (next > blocks || next - load<u32>(at) > maxLevel) return false;
  }
  return true;
}

function linksAreSound(graph: Graph): bool {
  const count = graph.count;
  const room = graph.m << 1;
  for (let node: u32 = 0; node < count; node++) {
    let links = linksOf(graph, node);
    const used = load<u32>(links);
    if (used > room) return false;
    const end = links + ((<usize>used) << 2);
    let largest: u32 = 0;
    while (links < end) {
      links += 4;
      const neighbour = load<u32>(links);
      largest = neighbour > largest ? neighbour : largest;
    }
    if (largest >= count) return false;
  }
  return true;
}

function upperLinksAreSound(graph: Graph): bool {
  const count = graph.count;
  for (let node: u32 = 0; node < count; node++) {
    const levels = levelOf(graph, node);
    for (let level: u32 = 1; level <= levels; level++) {
      let links = upperLinksOf(graph, node, level);
      const used = load<u32>(links);
      if (used > graph.m) return false;
      const end = links + ((<usize>used) << 2);
      while (links < end) {
        links += 4;
        const neighbour = load<u32>(links);
        if (neighbour >= count || levelOf(graph, neighbour) < level) return false;
      }
    }
  }
  return true;
}
