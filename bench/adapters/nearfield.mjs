import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open as openDatabase } from '@nearfield/engine';

export const name = 'nearfield';
/** Of the code as it is built, since it changes from day to day. */
export const version = `build ${hashOfBuild()}`;

const BATCH = 2000;

export async function build(options) {
  const { dimensions, metric, quantization, m, efConstruction } = options;
  const vector = { dimensions, metric, quantization, hnsw: { m, efConstruction } };
  const db = await openDatabase(options.path, openOptions(options));
  const fields = options.column === undefined ? {} : { tag: 'integer' };
  return index(db, await db.collection('rows', { fields, vectors: { v: vector } }), options);
}

export async function open(options) {
  const db = await openDatabase(options.path, openOptions(options));
  return index(db, await db.collection('rows'), options);
}

function openOptions({ threads }) {
  // Without checks: they would run while another engine has its turn.
  return { recallChecks: false, ...(threads === undefined ? {} : { threads }) };
}

function index(db, collection, { dimensions, column }) {
  return {
    async add(vectors, firstId) {
      const rows = vectors.length / dimensions;
      for (let from = 0; from < rows; from += BATCH) {
        await collection.upsert(
          Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => ({
            id: firstId + from + i,
            ...(column === undefined ? {} : { tag: column[firstId + from + i] }),
            vectors: { v: vectors.subarray((from + i) * dimensions, (from + i + 1) * dimensions) },
          })),
        );
      }
    },
    async finish() {
      // An engine that has no graphs yet has nothing to finish.
      await db.optimize?.();
    },
    async search(value, limit, effort) {
      const { hits } = await collection.search({ near: { vector: 'v', value }, limit, effort, select: [] });
      return hits.map((hit) => hit.id);
    },
    async searchWhere(value, limit, effort, { least, end }) {
      const filter = { tag: { $gte: least, $lt: end } };
      const { hits, info } = await collection.search({
        near: { vector: 'v', value },
        filter,
        limit,
        effort,
        select: [],
      });
      this.info = info;
      return hits.map((hit) => hit.id);
    },
    async searchMany(queries, limit, effort) {
      const results = await collection.searchBatch(
        queries.map((value) => ({ near: { vector: 'v', value }, limit, effort, select: [] })),
      );
      return results.map(({ hits }) => hits.map((hit) => hit.id));
    },
    async memoryBytes() {
      return (await collection.stats()).memoryBytes;
    },
    async close() {
      await db.close();
    },
  };
}

function hashOfBuild() {
  const folder = dirname(fileURLToPath(import.meta.resolve('@nearfield/engine')));
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true }).sort()) {
    const path = join(folder, file);
    if (/\.(js|wasm)$/.test(file) && statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 12);
}
