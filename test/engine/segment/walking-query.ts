import type { Database } from '@nearfield/engine';
import type { DenseSearch } from '@nearfield/engine/internals/segment/index';

/** A query that is to be answered by walks wherever there is a graph. A copy that the engine makes is one, too. */
export class WalkingQuery extends Float32Array {}

/**
 * Makes searches walk when their query says so: segments as small as those of a test are cheaper to scan, and so the
 * planner would have them.
 */
export function walkWhenAsked(db: Database, effort: () => number): Database {
  const { searchers } = db.context;
  const [here, elsewhere] = [searchers.here.bind(searchers), searchers.elsewhere.bind(searchers)];
  const asked = (search: { -readonly [key in keyof DenseSearch]: DenseSearch[key] }): DenseSearch => {
    const walk = { kind: 'walk', effort: Math.max(effort(), search.wanted), budget: 0xffffffff } as const;
    if (search.query instanceof WalkingQuery) search.steps = search.steps.map(() => walk);
    return search;
  };
  searchers.here = (search) => here(asked(search));
  searchers.elsewhere = (searches) => elsewhere(searches.map(asked));
  return db;
}
