import { readFileSync } from 'node:fs';
import {
  ZVecCollectionSchema,
  ZVecCreateAndOpen,
  ZVecDataType,
  ZVecIndexType,
  ZVecMetricType,
  ZVecOpen,
} from '@zvec/zvec';

export const name = 'zvec';
// Read by its path: the package does not export its package.json.
export const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/@zvec/zvec/package.json', import.meta.url)),
);

export const holdsThread = true;

const METRICS = { cosine: ZVecMetricType.COSINE, dot: ZVecMetricType.IP, euclidean: ZVecMetricType.L2 };
const BATCH = 1000;

export function build({ path, dimensions, metric, quantization, m, efConstruction, column }) {
  if (quantization !== 'none') throw new Error(`The adapter of zvec has no quantization ${quantization}`);
  const indexParams = { indexType: ZVecIndexType.HNSW, metricType: METRICS[metric], m, efConstruction };
  const vectors = { name: 'v', dataType: ZVecDataType.VECTOR_FP32, dimension: dimensions, indexParams };
  const tag = { name: 'tag', dataType: ZVecDataType.INT32, indexParams: { indexType: ZVecIndexType.INVERT } };
  const schema = new ZVecCollectionSchema({ name: 'rows', vectors, ...(column === undefined ? {} : { fields: tag }) });
  return index(ZVecCreateAndOpen(path, schema), dimensions, column);
}

export function open({ path, dimensions }) {
  return index(ZVecOpen(path), dimensions);
}

function index(collection, dimensions, column) {
  const query = (vector, topk, ef) => ({
    fieldName: 'v',
    vector,
    topk,
    outputFields: [],
    ...(ef === undefined ? {} : { params: { indexType: ZVecIndexType.HNSW, ef } }),
  });
  const ids = (documents) => documents.map(({ id }) => Number(id));
  return {
    add(vectors, firstId) {
      const rows = vectors.length / dimensions;
      for (let from = 0; from < rows; from += BATCH) {
        const statuses = collection.insertSync(
          Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => ({
            id: String(firstId + from + i),
            ...(column === undefined ? {} : { fields: { tag: column[firstId + from + i] } }),
            vectors: { v: vectors.slice((from + i) * dimensions, (from + i + 1) * dimensions) },
          })),
        );
        const failed = statuses.find(({ ok }) => !ok);
        if (failed !== undefined) throw new Error(`zvec: ${failed.message}`);
      }
    },
    async finish() {
      await collection.optimize();
      const { v } = collection.stats.indexCompleteness;
      if (v !== 1) throw new Error(`zvec has indexed ${v} of its rows`);
    },
    search: (vector, k, ef) => ids(collection.querySync(query(vector, k, ef))),
    searchWhere: (vector, k, ef, { least, end }) =>
      ids(collection.querySync({ ...query(vector, k, ef), filter: `tag >= ${least} and tag < ${end}` })),
    searchAsync: async (vector, k, ef) => ids(await collection.query(query(vector, k, ef))),
    close() {
      collection.closeSync();
    },
  };
}
