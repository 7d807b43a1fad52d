import { checkSearches } from './check-searches.mjs';
import { watchEventLoop } from './event-loop-delay.mjs';
import { searchMeanwhile } from './live-searcher.mjs';
import { stopwatch } from './stopwatch.mjs';

const BATCH = 2000;

/**
 * Adds all rows of `set` to an empty index while a searcher runs, and finishes it: two phases, each with its seconds, the
 * delays of the event loop and what the searches were worth: `[{ phase, seconds, processor, delay, searches, checked }]`.
 */
export async function watchedIngest(index, set) {
  const progress = { acknowledged: 0, sent: 0 };
  const phases = [
    await watched('until acknowledged', index, set, progress, async () => {
      for (let row = 0; row < set.rows; row = progress.acknowledged) {
        progress.sent = Math.min(set.rows, row + BATCH);
        await index.add(set.vectors.subarray(row * set.dimensions, progress.sent * set.dimensions), row);
        progress.acknowledged = progress.sent;
      }
    }),
    await watched('then, until indexed', index, set, progress, () => index.finish()),
  ];
  // Judged afterwards: that takes the thread.
  return phases.map((phase) => ({ ...phase, checked: checkSearches(phase.searches, set) }));
}

async function watched(phase, index, set, progress, work) {
  const searcher = searchMeanwhile(index, set, progress);
  const loop = watchEventLoop();
  const elapsed = stopwatch();
  await work();
  const times = elapsed();
  const delay = loop.end();
  return { phase, ...times, delay, searches: await searcher.end() };
}
