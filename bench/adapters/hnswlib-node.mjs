import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { HierarchicalNSW } = require('hnswlib-node');

export const name = 'hnswlib-node';
export const { version } = require('hnswlib-node/package.json');
export const holdsThread = true;

const SPACES = { cosine: 'cosine', dot: 'ip', euclidean: 'l2' };
/** hnswlib-node's own default, given by name because the graph depends on it. */
const SEED = 100;

export function build(options) {
  const graph = graphOf(options);
  const { rows: maxElements, m, efConstruction } = options;
  graph.initIndex({ maxElements, m, efConstruction, randomSeed: SEED });
  return index(graph, options);
}

export function open(options) {
  const graph = graphOf(options);
  graph.readIndexSync(options.path);
  return index(graph, options);
}

function graphOf({ dimensions, metric, quantization }) {
  if (quantization !== 'none') throw new Error('hnswlib-node has no quantization');
  return new HierarchicalNSW(SPACES[metric], dimensions);
}

function index(graph, { path, dimensions, column }) {
  let current;
  let wanted;
  const passes = (label) => column[label] >= wanted.least && column[label] < wanted.end;
  return {
    add(vectors, firstId) {
      this.addPrepared(this.prepareRows(vectors), firstId);
    },
    prepareRows(vectors) {
      const rows = [];
      for (let at = 0; at < vectors.length; at += dimensions) {
        rows.push(Array.from(vectors.subarray(at, at + dimensions)));
      }
      return rows;
    },
    addPrepared(rows, firstId) {
      for (let i = 0; i < rows.length; i++) graph.addPoint(rows[i], firstId + i);
    },
    finish() {
      graph.writeIndexSync(path);
    },
    prepare(query) {
      return Array.from(query);
    },
    search(query, k, ef = 10) {
      if (ef !== current) graph.setEf((current = ef));
      return graph.searchKnn(Array.isArray(query) ? query : Array.from(query), k).neighbors;
    },
    searchWhere(query, k, ef, where) {
      if (ef !== current) graph.setEf((current = ef));
      wanted = where;
      return graph.searchKnn(query, k, passes).neighbors;
    },
    close() {},
  };
}
