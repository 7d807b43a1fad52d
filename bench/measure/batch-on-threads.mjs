import { K } from '../settings.mjs';
import { ratios } from './curve.mjs';
import { median, range, shown } from './spread.mjs';

/** Batches before those that are timed: a thread runs its code slowly until the runtime has compiled it. */
const WARM_UP = 12;

/**
 * The row of a table: queries a second of `searchMany` with one thread and with two, and the ratio. The index, which must
 * be closed, is opened anew for each measurement, in turns.
 */
export async function batchOnThreads({ label, engine, built, queries }, ef, repetitions) {
  const rates = [[], []];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const threads of [1, 2]) {
      const index = await openWith(engine.adapter, { ...built.options, threads });
      if (index === undefined) return { engine: label, ef, 'two over one': 'the engine has no `threads`' };
      for (let batch = 0; batch < WARM_UP; batch++) await index.searchMany(queries, K, ef);
      const started = performance.now();
      await index.searchMany(queries, K, ef);
      rates[threads - 1].push(queries.length / ((performance.now() - started) / 1000));
      await index.close();
    }
  }
  const gain = ratios(rates[1], rates[0]);
  return {
    engine: label,
    ef,
    'one thread': shown(median(rates[0]), 4),
    'two threads': shown(median(rates[1]), 4),
    'two over one': shown(median(gain)),
    'range of the ratio': range(gain),
  };
}

/** Undefined when the engine refuses the option. */
async function openWith(adapter, options) {
  try {
    return await adapter.open(options);
  } catch (error) {
    if (error.code === 'UNKNOWN_OPTION') return undefined;
    throw error;
  }
}
