import SQLite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { migrate } from '@nearfield/engine/internals/store/migrations';
import { SegmentStore, type DenseSpace } from '@nearfield/engine/internals/store/segment-store';
import { FRAME_PAYLOAD_BYTES } from '@nearfield/engine/internals/store/frame';

const PARAMETERS = {
  metric: 'dot',
  quantization: 'none',
  dimensions: 3,
  count: 5,
  m: 16,
  efConstruction: 200,
  commit: 9,
} as const;
const DESCRIPTION = { runs: [[1, 5]], rows: 5, index: { entry: 2 } } as const;

const spaceOf = (id: number, change: Partial<DenseSpace> = {}): DenseSpace => {
  return { id, name: `v${id}`, kind: 'dense', dimensions: 3, metric: 'dot', encoder: undefined, ...change };
};

/** A file in memory with two dense spaces that hold the keys 1 to 8. */
function open(t: Test): SQLite.Database {
  const sql = new SQLite(':memory:');
  t.teardown(() => sql.close());
  sql.pragma('foreign_keys = ON');
  migrate(sql, 'test', false);
  sql.exec("INSERT INTO nf_collections (name, schema) VALUES ('rows', '{}')");
  for (const id of [1, 2]) {
    sql.exec(`INSERT INTO nf_vectors (collection, name, kind, dimensions, metric) VALUES (1, 'v${id}', 'dense', 3, 'dot');
      CREATE TABLE nf_dense_${id} (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT`);
    for (let key = 1; key <= 8; key++) sql.exec(`INSERT INTO nf_dense_${id} VALUES (${key}, zeroblob(12))`);
  }
  return sql;
}

const imageOf = (store: SegmentStore, segment: number): number[] =>
  [...store.image(segment)].flatMap((chunk) => [...chunk]);

t.test('a segment counts from when it is published', async (t) => {
  const sql = open(t);
  const store = new SegmentStore(sql, spaceOf(1));
  const other = new SegmentStore(sql, spaceOf(2));
  const first = store.write(PARAMETERS, DESCRIPTION, Uint8Array.of(1, 2, 3));
  t.same([store.list(), store.unfinished(), other.unfinished()], [[], [first], []]);
  store.publish(first, [], new Float64Array());
  t.same([store.list(), store.unfinished(), other.list()], [[first], [], []]);
  t.same(store.describe(first), DESCRIPTION);
  t.same(imageOf(store, first), [1, 2, 3]);
});

t.test('a published segment takes the place of others, and drops vectors, all at once', async (t) => {
  const sql = open(t);
  const store = new SegmentStore(sql, spaceOf(1));
  const [first, second, third] = [1, 2, 3].map((byte) => store.write(PARAMETERS, DESCRIPTION, Uint8Array.of(byte)));
  for (const id of [first, second]) store.publish(id, [], new Float64Array());
  sql.exec(`CREATE TRIGGER refuse BEFORE DELETE ON nf_dense_1 WHEN old.key = 7
    BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  t.throws(() => store.publish(third, [first, second], Float64Array.of(2, 7)), { code: 'STORAGE_FAILED' });
  t.same([store.list(), store.unfinished()], [[first, second], [third]], 'or nothing');
  sql.exec('DROP TRIGGER refuse');
  store.publish(third, [first, second], Float64Array.of(2, 7));
  t.same([store.list(), store.unfinished()], [[third], []]);
  t.same(sql.prepare('SELECT DISTINCT segment FROM nf_frames').pluck().all(), [third], 'with their frames');
  t.same(sql.prepare('SELECT key FROM nf_dense_1').pluck().all(), [1, 3, 4, 5, 6, 8]);
  t.equal(sql.prepare('SELECT count(*) FROM nf_dense_2').pluck().get(), 8);
  store.publish(undefined, [third], new Float64Array());
  t.same(store.list(), []);
});

t.test('a segment that cannot be written leaves nothing', async (t) => {
  const sql = open(t);
  const store = new SegmentStore(sql, spaceOf(1));
  sql.exec(`CREATE TRIGGER refuse BEFORE INSERT ON nf_frames WHEN new.number = 1
    BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  t.throws(() => store.write(PARAMETERS, DESCRIPTION, Uint8Array.of(1)), { code: 'STORAGE_FAILED' });
  t.same([store.list(), store.unfinished()], [[], []]);
  t.equal(sql.prepare('SELECT count(*) FROM nf_frames').pluck().get(), 0);
});

t.test('a large image is cut in frames, which are read in their order only', async (t) => {
  const sql = open(t);
  const store = new SegmentStore(sql, spaceOf(1));
  const image = new Uint8Array(FRAME_PAYLOAD_BYTES + 5).fill(7);
  image.set([1, 2, 3, 4, 5], FRAME_PAYLOAD_BYTES);
  const id = store.write(PARAMETERS, DESCRIPTION, image);
  t.same(
    [...store.image(id)].map(({ byteLength }) => byteLength),
    [FRAME_PAYLOAD_BYTES, 5],
  );
  t.same([...[...store.image(id)][1]], [1, 2, 3, 4, 5]);
  sql.exec(`UPDATE nf_frames SET number = 3 WHERE number = 1; UPDATE nf_frames SET number = 1 WHERE number = 2;
    UPDATE nf_frames SET number = 2 WHERE number = 3`);
  t.throws(() => imageOf(store, id), { code: 'CORRUPT' });
  sql.exec('DELETE FROM nf_frames WHERE number = 2');
  t.throws(() => [...store.image(id)], { code: 'CORRUPT' });
});

t.test('frames of another space or segment are refused', async (t) => {
  const sql = open(t);
  const store = new SegmentStore(sql, spaceOf(1));
  const [first, second] = [1, 2].map((byte) => store.write(PARAMETERS, DESCRIPTION, Uint8Array.of(byte)));
  const other: Partial<DenseSpace>[] = [{ dimensions: 4 }, { metric: 'cosine' }];
  for (const change of other) {
    const strange = new SegmentStore(sql, spaceOf(1, change));
    t.throws(() => strange.describe(first), { code: 'CORRUPT' });
    t.throws(() => imageOf(strange, first), { code: 'CORRUPT' });
  }
  sql.exec(`UPDATE nf_frames SET bytes = (SELECT bytes FROM nf_frames WHERE segment = ${second} AND number = 0)
    WHERE segment = ${first} AND number = 0`);
  t.throws(() => store.describe(first), { code: 'CORRUPT' });
  t.throws(() => store.describe(99), { code: 'CORRUPT' }, 'and so is what is not there');
});
