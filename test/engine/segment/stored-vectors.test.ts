import SQLite from 'better-sqlite3';
import t from 'tap';
import { Bitset, NO_OWNER } from '@nearfield/engine/internals/indexes/index';
import { StoredVectors } from '@nearfield/engine/internals/segment/stored-vectors';

const SPACE = { id: 1, name: 'v', kind: 'dense', dimensions: 1, metric: 'euclidean', encoder: undefined } as const;

t.test('vectors in the file that the segment does not hold are passed over', async (t) => {
  const sql = new SQLite(':memory:');
  t.teardown(() => sql.close());
  sql.exec('CREATE TABLE nf_dense_1 (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT');
  const insert = sql.prepare('INSERT INTO nf_dense_1 VALUES (?, ?)');
  const insertVectors = (key: number, ...values: number[]) =>
    insert.run(key, new Uint8Array(Float32Array.from(values).buffer));
  // The second run comes before the first by its keys, as after a merge; 2, 6 and 9 are of dead records.
  const runs = [
    [5, 7],
    [1, 3],
    [9, 9],
    [11, 12],
  ] as const;
  for (const key of [1, 2, 5, 6, 7, 9, 11, 12]) insertVectors(key, key);
  insertVectors(3, 30, 3);
  const keys = Float64Array.of(5, 7, 1, 3, 3, 11, 12);
  const owners = Uint32Array.of(0, 1, 2, 3, 3, NO_OWNER, 4);
  const stored = new StoredVectors(sql, SPACE, runs, keys, () => owners);
  const allowed = new Bitset(5);
  for (const row of [0, 2, 3, 4]) allowed.add(row);
  const query = Float32Array.of(0);
  const { records, scores } = stored.scan({ query, wanted: 5, allowed, rows: 5, scope: 'filtered' });
  const found = Array.from(records, (row, i) => [row, scores[i]]).sort(([a], [b]) => a - b);
  t.same(found, [
    [0, -5],
    [2, -1],
    [3, -3],
    [4, -12],
  ]);
  t.same([...stored.score(query, Uint32Array.of(1, 3, 4))], [-7, -30, -3]);
});
