import { allowed } from './allowed';
import { DENSE, FAR, Graph, Walker, linksOf } from './graph';

/** How many of the linked nodes match. */
@inline
export function matching(links: usize, owners: usize, bitmap: usize, rows: u32): u32 {
  const end = links + ((<usize>load<u32>(links)) << 2);
  let count: u32 = 0;
  while (links < end) {
    links += 4;
    count += <u32>allowed(owners, bitmap, rows, load<u32>(links));
  }
  return count;
}

/**
 * The nodes that a walk under a filter is to keep, by how many match of those at one link from its entry, and then of those at two,
 * until `aroundNodes` have been looked at: where what matches ends a few nodes away, looking at many would not show it. A filter that follows the vectors leaves few of them, or nearly all, and recall then takes another effort than where it lets through the same
 * share everywhere.
 */
export function effortAround(
  graph: Graph,
  walker: Walker,
  entry: u32,
  ef: u32,
  owners: usize,
  bitmap: usize,
  rows: u32,
): u32 {
  walker.around = 0;
  if (walker.farBelow == 0 && walker.denseAbove == u32.MAX_VALUE) return ef;
  const links = linksOf(graph, entry);
  const end = links + ((<usize>load<u32>(links)) << 2);
  let tested = load<u32>(links);
  let matched = matching(links, owners, bitmap, rows);
  for (let at = links; at < end && tested < walker.aroundNodes; ) {
    at += 4;
    const beyond = linksOf(graph, load<u32>(at));
    tested += load<u32>(beyond);
    matched += matching(beyond, owners, bitmap, rows);
  }
  if (<u64>matched << 16 < <u64>tested * <u64>walker.farBelow) {
    walker.around = FAR;
    return walker.farEf;
  }
  if (<u64>matched << 16 > <u64>tested * <u64>walker.denseAbove) {
    walker.around = DENSE;
    return walker.denseEf;
  }
  return ef;
}
