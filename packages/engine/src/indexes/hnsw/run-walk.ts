import type { HnswLayout } from './hnsw-layout.js';
import type { About, EffortAround, HnswHits, SearchOptions } from './hnsw-options.js';
import { kernelOf } from './kernel-of.js';
import type { Walker } from './walker.js';

/** What a walk left in its walker's results, and what it came to. */
export type Walk = Omit<HnswHits, 'nodes' | 'scores'>;

/** What is asked of a walk. */
export interface WalkRequest extends SearchOptions {
  /** Whether the bitmap has bits of nodes, in place of rows. */
  readonly ofNodes?: boolean;
}

/**
 * A walk inside a bitmap looks beyond the neighbours of a node if fewer than this part of m match: with m / 2, it takes the same
 * time for a recall as with m where a tenth of the rows match, and less where more do.
 */
const ENOUGH_MATCHING = 0.5;
/**
 * Places where it begins. With none, filters that match far from the query leave 1 % of the walks without ten results; with 16, vectors in
 * 40 clusters of which a twentieth match leave one walk in twelve in a wrong cluster. A start costs no more than a distance.
 */
const INSIDE_STARTS = 64;
const UNLIMITED = 0xffffffff;

/** Walks for the query that is in place: once, or again where what the walk met says that it takes another effort. */
export function runWalk(layout: HnswLayout, walker: Walker, options: WalkRequest): Walk {
  const { derived, builder, hasDead } = layout;
  if (derived.bytes === 0 || builder !== 0) throw new Error('The index has no finished graph yet');
  const around = hasDead || options.bitmap !== undefined ? options.around : undefined;
  if (around === undefined) return walkOnce(layout, walker, options, undefined);
  const { inside = false, ef } = options;
  const { walk, isThrough } = walkFirst(layout, walker, options, around);
  const about = mistaken(around, walk, inside && !isThrough);
  if (about === undefined || walk.cut) return walk;
  const { effort } = around[about];
  if (effort === 0) return { ...walk, found: 0, full: false, settled: false, about };
  if (!isThrough && effort <= (walk.about === 'dense' ? around.dense.effort : ef)) return { ...walk, about };
  return after(walk, walkOnce(layout, walker, { ...options, ef: effort }, undefined), about);
}

/** The walk as it is by what it meets, and whether in the end it went through all nodes, where it was to stay inside. */
function walkFirst(
  layout: HnswLayout,
  walker: Walker,
  options: WalkRequest,
  around: EffortAround,
): { walk: Walk; isThrough: boolean } {
  const { dense } = around;
  const mayGoThrough = options.inside === true && dense.through;
  const begun = walkOnce(
    layout,
    walker,
    options,
    mayGoThrough ? { ...around, dense: { ...dense, effort: 0 } } : around,
  );
  const isTogether = begun.about === 'dense' || (begun.about === 'usual' && begun.met > around.inside);
  const isThrough = mayGoThrough && isTogether && dense.effort > 0 && !begun.cut;
  if (!isThrough) return { walk: begun, isThrough };
  const through = walkOnce(layout, walker, { ...options, inside: false, ef: dense.effort }, undefined);
  return { walk: after(begun, through, 'dense'), isThrough };
}

/**
 * What a walk would have taken for the case, had it known what it met on its way: see EffortAround. Undefined: it was right, as far as
 * that tells.
 */
function mistaken(
  { outside, inside, dense }: EffortAround,
  { about, met }: Walk,
  isInside: boolean,
): Exclude<About, 'usual'> | undefined {
  if (about === 'far') return undefined;
  if (isInside) return about === 'usual' && met > inside ? 'far' : undefined;
  if (met < (about === 'dense' ? dense.least : outside)) return 'far';
  return about === 'usual' && met > dense.above ? 'dense' : undefined;
}

/** A walk that took the place of another one. */
function after(first: Walk, walk: Walk, about: About): Walk {
  return { ...walk, computed: first.computed + walk.computed, hops: first.hops + walk.hops, about };
}

function walkOnce(
  { header, hasDead, owners, graph, memory }: HnswLayout,
  walker: Walker,
  options: WalkRequest,
  around: EffortAround | undefined,
): Walk {
  const { inside = false, budget = UNLIMITED, ofNodes = false, isLate, hidden } = options;
  const { bitmap, rows } = walker.allow(options.bitmap);
  const ef = Math.max(1, Math.min(options.ef, header.count));
  walker.setAround(around, header.count);
  walker.setBudget(budget, isLate !== undefined);
  if (hidden !== undefined) walker.hide(hidden);
  const [kernel, { address }] = [kernelOf(memory), walker];
  const looked = !ofNodes && (inside || hasDead || options.bitmap !== undefined) ? owners : 0;
  const enough = Math.ceil(header.m * ENOUGH_MATCHING);
  const begun = inside
    ? kernel.walkInside(graph, address, ef, looked, bitmap, rows, enough, INSIDE_STARTS)
    : kernel.walk(graph, address, ef, looked, bitmap, rows);
  const resume = inside
    ? () => kernel.resumeWalkInside(graph, address, looked, bitmap, rows, enough)
    : () => kernel.resumeWalk(graph, address, looked, bitmap, rows);
  const { found, cut } = walker.finish(begun, isLate, resume);
  const [{ computed, hops, about, met }, kept] = [walker, walker.keptEffort(ef)];
  const isWithin = computed + (inside ? hops : 0) <= budget;
  const settled = !cut && isWithin && kept > 0 && !(inside && found < kept);
  return { found, full: found >= kept, computed, hops, settled, cut, about, met };
}
