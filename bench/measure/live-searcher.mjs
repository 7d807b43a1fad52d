import { setTimeout as sleep } from 'node:timers/promises';
import { K } from '../settings.mjs';

const EVERY_MS = 20;

/**
 * Searches an index that is being filled, about every 20 ms, until `end`. Every other search is for the row that was
 * acknowledged last; the rest are for the queries of `set`. `progress` tells how many rows were `acknowledged`, and how
 * many `sent`. `end` gives all searches: { target, row or query, acknowledged (before it), sent (after it), ids, ms }.
 */
export function searchMeanwhile(index, set, progress) {
  const searches = [];
  const ended = new AbortController();
  const loop = async () => {
    for (let i = 0; !ended.signal.aborted; i++) {
      const started = performance.now();
      if (progress.acknowledged > 0) searches.push(await searchOnce(index, set, progress, i));
      await sleep(Math.max(0, EVERY_MS - (performance.now() - started)));
    }
  };
  const running = loop();
  // A failure is told by `end`, and is not unhandled until then.
  running.catch(() => {});
  return {
    async end() {
      ended.abort();
      await running;
      return searches;
    },
  };
}

async function searchOnce(index, set, progress, i) {
  const { acknowledged } = progress;
  const target = i % 2 === 0 ? { row: acknowledged - 1 } : { query: (i >> 1) % set.queries.length };
  const vector =
    target.row === undefined
      ? set.queries[target.query]
      : set.vectors.subarray(target.row * set.dimensions, (target.row + 1) * set.dimensions);
  const started = performance.now();
  const ids = await index.search(vector, K);
  return { ...target, acknowledged, sent: progress.sent, ids, ms: performance.now() - started };
}
