import * as hnswlib from './hnswlib-node.mjs';
import * as nearfield from './nearfield.mjs';
import * as zvec from './zvec.mjs';

/**
 * The contract of an adapter, a module that exports
 *
 *   name      as in tables
 *   version   of the engine; an index that was kept is used again only by the same version
 *   build(options)   makes an empty index at `path`, where nothing is
 *   open(options)    opens the index that was closed at `path`: from any process
 *   holdsThread?     true when `add` does its work on the calling thread, which can do nothing else meanwhile
 *
 * with `options` = { path, dimensions, metric: 'cosine' | 'dot' | 'euclidean', rows (how many will come, for engines that
 * must know), m, efConstruction, quantization: 'none' | 'int8' | 'binary', threads (undefined: the engine's default), column? }.
 * Both give an index:
 *
 *   add(vectors, firstId)      vectors: one Float32Array, row after row; the ids count up from firstId. Durable, where the
 *                              engine is durable, when it resolves
 *   prepareRows?(vectors), addPrepared?(rows, firstId)   the same in two steps, so that the conversion is not timed
 *   finish()                   resolves when all that was added is indexed and kept at `path`
 *   prepare?(query)            the Float32Array `query` in the form that the engine takes, so that no conversion is timed
 *   search(query, k, ef)       the ids (numbers) of the k nearest, best first, or a promise of them, for a Float32Array or
 *                              what prepare gave; without `ef` as the engine chooses
 *   searchAsync?(query, k, ef) the same off the calling thread, where `search` holds it
 *   searchMany?(queries, k, ef)  many at once, on the engine's threads
 *   searchWhere?(query, k, ef, { least, end })   as search, among the rows whose value in `options.column` is in the range; the
 *                              column is given to build and open, an integer a row, and indexed where the engine can
 *   memoryBytes?()             what the engine says it holds in memory
 *   close()
 *
 * Calls may be asynchronous; whoever calls `search` awaits only when it gives a promise. Metrics and quantizations that the
 * engine does not have throw at `build`.
 */

/** What the suites compare: `label`, the adapter, and how it is asked. `converting`: queries are given as Float32Array. */
export const ENGINES = [
  { label: 'nearfield none', adapter: nearfield, quantization: 'none' },
  { label: 'nearfield int8', adapter: nearfield, quantization: 'int8' },
  { label: 'nearfield binary', adapter: nearfield, quantization: 'binary' },
  { label: 'hnswlib-node', adapter: hnswlib, quantization: 'none' },
  { label: 'hnswlib-node converting', adapter: hnswlib, quantization: 'none', converting: true },
  { label: 'zvec', adapter: zvec, quantization: 'none' },
];

/** The engine that all ratios are over. */
export const PEER = 'hnswlib-node';

export function engineOf(label) {
  const engine = ENGINES.find((known) => known.label === label);
  if (engine === undefined) {
    throw new Error(`No engine ${label}; there are ${ENGINES.map((known) => known.label).join('; ')}`);
  }
  return engine;
}
