import SQLite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { VectorBlocks, VectorsByKey } from '@nearfield/engine/internals/store/vector-blocks';

/** A table of vectors: those of key k are k, k + .25 and so on, each in all dimensions. */
function open(t: Test, dimensions: number, partsOf: (key: number) => number, keys: readonly number[]) {
  const sql = new SQLite(':memory:');
  t.teardown(() => sql.close());
  sql.exec('CREATE TABLE nf_dense_1 (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT');
  const insert = sql.prepare('INSERT INTO nf_dense_1 VALUES (?, ?)');
  for (const key of keys) insert.run(key, new Uint8Array(vectorsOf(key, partsOf(key), dimensions).buffer));
  return sql;
}

function vectorsOf(key: number, parts: number, dimensions: number): Float32Array {
  return Float32Array.from({ length: parts * dimensions }, (_, i) => key + Math.floor(i / dimensions) / 4);
}

/** Every vector of the blocks with its key. */
function read(blocks: VectorBlocks, first: number, last: number): [number, number][] {
  const found: [number, number][] = [];
  for (const { keys, parts, values } of blocks.read(first, last)) {
    let at = 0;
    for (const [i, key] of keys.entries()) {
      for (let part = parts?.[i] ?? 1; part > 0; part--, at += blocks.dimensions) {
        const vector = values.subarray(at, at + blocks.dimensions);
        if (!vector.every((value) => value === vector[0])) throw new Error(`key ${key} is mixed up`);
        found.push([key, vector[0]]);
      }
    }
    if (at !== values.length) throw new Error('values are left over');
  }
  return found;
}

t.test('blocks hold every vector of a range, with its key', async (t) => {
  const keys = Array.from({ length: 1200 }, (_, i) => 3 * i + 1);
  for (const [name, partsOf] of Object.entries({
    'one a record': () => 1,
    'several a record': () => 3,
    'some have several': (key: number) => 1 + (key % 4),
  })) {
    const sql = open(t, 2048, partsOf, keys);
    const blocks = new VectorBlocks(sql, 1, 2048);
    for (const [first, last] of [
      [1, 10_000],
      [2, 3],
      [4, 4],
      [3000, 3100],
      [3500, 20_000],
      [7, 5],
    ]) {
      const within = keys.filter((key) => key >= first && key <= last);
      const expected = within.flatMap((key) =>
        Array.from({ length: partsOf(key) }, (_, part) => [key, key + part / 4]),
      );
      t.same(read(blocks, first, last), expected, `${name}, ${first} to ${last}`);
    }
  }
});

t.test('blocks are read from bytes at any address', async (t) => {
  const dimensions = 3;
  const keys = [1, 2, 5];
  const stored = keys.map((key) => new Uint8Array(vectorsOf(key, 1, dimensions).buffer));
  for (const offset of [0, 1, 2, 3, 4]) {
    // A view of a larger buffer, as small ones of Node's pool are.
    const bytes = Buffer.from(new ArrayBuffer(offset + 36), offset);
    for (const [i, vector] of stored.entries()) bytes.set(vector, i * dimensions * 4);
    const get = () => [JSON.stringify(keys), null, dimensions * 4, bytes];
    const statement = { raw: () => ({ get }) };
    const sql = { prepare: () => statement } as unknown as SQLite.Database;
    t.same(
      read(new VectorBlocks(sql, 1, dimensions), 1, 5),
      keys.map((key) => [key, key]),
      `offset ${offset}`,
    );
  }
});

t.test('vectors of another size are damage', async (t) => {
  for (const bytes of [0, 4, 17, 40]) {
    const sql = open(t, 4, () => 1, [1, 2, 3]);
    sql.exec(`UPDATE nf_dense_1 SET vector = zeroblob(${bytes}) WHERE key = 2`);
    t.throws(() => read(new VectorBlocks(sql, 1, 4), 1, 3), { code: 'CORRUPT' }, `${bytes} bytes`);
    t.same(read(new VectorBlocks(sql, 1, 4), 3, 3), [[3, 3]]);
  }
  const sql = open(t, 4, () => 1, [1, 2, 3]);
  sql.exec(
    'UPDATE nf_dense_1 SET vector = zeroblob(20) WHERE key = 1; UPDATE nf_dense_1 SET vector = zeroblob(12) WHERE key = 2',
  );
  t.throws(() => read(new VectorBlocks(sql, 1, 4), 1, 3), { code: 'CORRUPT' }, 'the sum alone is right');
});

t.test('vectors of single keys are those that there are', async (t) => {
  const sql = open(t, 5, (key) => key, [1, 2, 3, 5]);
  const byKey = new VectorsByKey(sql, 1, 5);
  const found = byKey.read([3, 1, 4, 3]);
  t.same([...found.keys()].sort(), [1, 3]);
  t.same([...found.get(3)!], [...vectorsOf(3, 3, 5)]);
  t.same(byKey.read([]).size, 0);
});
