import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { Collection, Database } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from '../filter/random-filter.js';
import { WalkingQuery, walkWhenAsked } from './walking-query.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 91);
const RECORDS = 1150;
/** Records of the first segment: so many that the others are less than a quarter, and are sealed on their own. */
const FIRST = 1000;
/** A record that is deleted before its vectors are sealed, and its key. */
const GONE = 9999;
const KEY_OF_GONE = FIRST + 1;
const DIMENSIONS = 6;
const LIMITS = { ...POLICY_LIMITS, minVectors: 16 };

const SCHEMA = {
  fields: { n: 'integer' },
  vectors: {
    plain: { dimensions: DIMENSIONS, metric: 'euclidean', hnsw: { m: 4, efConstruction: 20 } },
    bytes: { dimensions: DIMENSIONS, metric: 'cosine', quantization: 'int8', hnsw: { m: 4, efConstruction: 20 } },
  },
} as const;

type Rows = Collection<typeof SCHEMA>;

const all = Array.from({ length: RECORDS }, (_, id) => id);
const random = seededRandom(SEED);
const vectors = Array.from({ length: RECORDS }, () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5));
const record = (id: number) => ({ id, n: id, vectors: { plain: vectors[id], bytes: vectors[id] } });

async function openDatabase(path: string, readOnly = false): Promise<Database> {
  return walkWhenAsked(await openWith(path, { readOnly }, LIMITS), () => 64);
}

/** A file with two sealed segments in each space. */
async function makeFile(path: string): Promise<void> {
  const db = await openWith(path, { threads: 2 }, { ...LIMITS, flatBytes: (RECORDS - FIRST) * DIMENSIONS * 4 });
  const rows = await db.collection('rows', SCHEMA);
  const settle = async () => {
    while ((await rows.stats()).background.running) await new Promise((resolve) => setImmediate(resolve));
  };
  await rows.upsert([...all.slice(0, FIRST).map(record), { ...record(0), id: GONE }]);
  // The next commit begins a new segment, and the one before is sealed.
  await rows.delete(GONE);
  await settle();
  await rows.upsert(all.slice(FIRST).map(record));
  // So many that their segment is built anew without them, however segments are merged before.
  await rows.upsert(all.slice(0, 80).map(record));
  await settle();
  await db.close();
}

/** Every record is its own nearest, by an exact search and by walks; the exact one is that of the vectors in hand. */
async function check(t: Test, rows: Rows, ids: readonly number[], when: string): Promise<void> {
  const asked = ids.filter((_, i) => i % 4 === 0);
  for (const vector of ['plain', 'bytes'] as const) {
    const query = (value: Float32Array) => ({ near: { vector, value }, limit: 1, select: [] }) as const;
    const exact = await rows.searchBatch(asked.map((id) => ({ ...query(vectors[id]), exact: true })));
    t.same(
      exact.map(({ hits }) => hits[0].id),
      asked,
      `${when}: ${vector}, exact`,
    );
    const walked = await rows.searchBatch(asked.map((id) => query(WalkingQuery.from(vectors[id]))));
    const found = walked.filter(({ hits }, i) => hits[0].id === asked[i]).length;
    t.ok(found >= 0.99 * asked.length, `${when}: ${vector}, ${found} of ${asked.length} by walks`);
  }
  t.equal(await rows.count(), ids.length);
}

const DESCRIPTION = 'segment = (SELECT min(id) FROM nf_segments) AND number = 0';
const IMAGE = 'segment = (SELECT min(id) FROM nf_segments) AND number = 1';

/** Sets a byte of a blob to another value. */
function flip(sql: SQLite.Database, where: string, at: (length: number) => number): void {
  const [id, bytes] = sql.prepare(`SELECT id, bytes FROM nf_frames WHERE ${where}`).raw().get() as [number, Buffer];
  bytes[at(bytes.length)] ^= 0x10;
  sql.prepare('UPDATE nf_frames SET bytes = ? WHERE id = ?').run(bytes, id);
}

function swap(sql: SQLite.Database, a: string, b: string): void {
  const idOf = (where: string) => sql.prepare(`SELECT id FROM nf_frames WHERE ${where}`).pluck().get() as number;
  const bytesOf = sql.prepare('SELECT bytes FROM nf_frames WHERE id = ?').pluck();
  const [first, second] = [idOf(a), idOf(b)];
  const [ofFirst, ofSecond] = [bytesOf.get(first), bytesOf.get(second)];
  sql.prepare('UPDATE nf_frames SET bytes = ? WHERE id = ?').run(ofSecond, first);
  sql.prepare('UPDATE nf_frames SET bytes = ? WHERE id = ?').run(ofFirst, second);
}

const segmentsOf = (sql: SQLite.Database, space: number): number[] =>
  sql.prepare('SELECT id FROM nf_segments WHERE vector = ? ORDER BY id').pluck().all(space) as number[];

const DAMAGE: Readonly<Record<string, (sql: SQLite.Database) => unknown>> = {
  'a byte of an image changes': (sql) => flip(sql, IMAGE, (length) => length - 9),
  'a byte of the header of an image changes': (sql) => flip(sql, IMAGE, () => 17),
  'a byte of a description changes': (sql) => flip(sql, DESCRIPTION, (length) => length >> 1),
  'an image is cut': (sql) =>
    sql.exec(`UPDATE nf_frames SET bytes = substr(bytes, 1, length(bytes) / 2) WHERE ${IMAGE}`),
  'an image is empty': (sql) => sql.exec(`UPDATE nf_frames SET bytes = x'' WHERE ${IMAGE}`),
  'an image is missing': (sql) => sql.exec(`DELETE FROM nf_frames WHERE ${IMAGE}`),
  'a description is missing': (sql) => sql.exec(`DELETE FROM nf_frames WHERE ${DESCRIPTION}`),
  'all frames are missing': (sql) => sql.exec('DELETE FROM nf_frames'),
  'description and image are exchanged': (sql) => swap(sql, IMAGE, DESCRIPTION),
  'the images of two segments of one space are exchanged': (sql) => {
    const [first, second] = segmentsOf(sql, 1);
    swap(sql, `segment = ${first} AND number = 1`, `segment = ${second} AND number = 1`);
  },
  'the images of two spaces are exchanged': (sql) => {
    const [[first], [second]] = [segmentsOf(sql, 1), segmentsOf(sql, 2)];
    swap(sql, `segment = ${first} AND number = 1`, `segment = ${second} AND number = 1`);
  },
  'a segment was being written when its writer ended': (sql) => {
    const { lastInsertRowid } = sql.prepare('INSERT INTO nf_segments (vector) VALUES (1)').run();
    sql.prepare("INSERT INTO nf_frames (segment, number, bytes) VALUES (?, 0, x'00')").run(lastInsertRowid);
  },
  'the vector of a record that is gone is back': (sql) =>
    sql.exec(`INSERT INTO nf_dense_1 SELECT ${KEY_OF_GONE}, vector FROM nf_dense_1 WHERE key = 8`),
  'a vector of a record that is gone is missing': (sql) => sql.exec('DELETE FROM nf_dense_1 WHERE key = 1'),
};

t.test(`damaged segments are scanned, and sealed anew (NEARFIELD_SEED=${SEED})`, async (t) => {
  const folder = t.testdir();
  const original = join(folder, 'original.nf');
  await makeFile(original);
  for (const [name, damage] of Object.entries(DAMAGE)) {
    await t.test(name, async (t) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.nf`);
      copyFileSync(original, path);
      const sql = new SQLite(path);
      damage(sql);
      sql.close();
      const before = readFileSync(path);
      const reader = await openDatabase(path, true);
      await check(t, (await reader.collection('rows')) as Rows, all, 'read-only');
      await reader.close();
      t.ok(readFileSync(path).equals(before), 'a reader changes nothing');

      const db = await openDatabase(path);
      const rows = (await db.collection('rows')) as Rows;
      await check(t, rows, all, 'opened');
      await db.optimize();
      await check(t, rows, all, 'optimized');
      t.same(
        db.sql.prepare('SELECT complete, count(*) AS count FROM nf_segments GROUP BY complete').all(),
        [{ complete: 1, count: 2 }],
        'one segment a space is left',
      );
      t.equal(db.sql.prepare('SELECT count(*) FROM nf_frames').pluck().get(), 4);
      t.equal(
        db.sql.prepare('SELECT count(*) FROM nf_dense_1').pluck().get(),
        RECORDS,
        'and no vector without a record',
      );
      await db.close();
      const again = await openDatabase(path);
      t.teardown(() => again.close());
      const reopened = (await again.collection('rows')) as Rows;
      const { vectors } = await reopened.stats();
      for (const { segments } of Object.values(vectors)) {
        t.same(
          segments!.map(({ kind }) => kind),
          ['sealed'],
          'nothing is scanned any more',
        );
      }
      await check(t, reopened, all, 'reopened');
    });
  }
});

t.test('what the file says of a vector is what a search goes by', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  await makeFile(path);
  const sql = new SQLite(path);
  const changed = Float32Array.from({ length: DIMENSIONS }, (_, i) => i - 2.5);
  const key = sql.prepare('SELECT key FROM nf_records_1 WHERE id = ?').pluck();
  for (const space of [1, 2]) {
    const update = sql.prepare(`UPDATE nf_dense_${space} SET vector = ? WHERE key = ?`);
    update.run(new Uint8Array(changed.buffer), key.get(100));
    sql.prepare(`DELETE FROM nf_dense_${space} WHERE key = ?`).run(key.get(300));
  }
  sql.close();
  for (const readOnly of [true, false]) {
    const db = await openDatabase(path, readOnly);
    t.teardown(() => db.close());
    const rows = (await db.collection('rows')) as Rows;
    for (const when of readOnly ? ['read-only'] : ['opened', 'optimized']) {
      if (when === 'optimized') await db.optimize();
      for (const vector of ['plain', 'bytes'] as const) {
        const near = { vector, value: changed };
        const { hits } = await rows.search({ near, limit: RECORDS, exact: true, select: [] });
        t.equal(hits[0].id, 100, `${when}: ${vector}`);
        t.equal(Math.abs(hits[0].score - (vector === 'plain' ? 0 : 1)) < 1e-6, true);
        t.equal(hits.length, RECORDS - 1, 'all but the record that has no vector now');
        t.notOk(hits.some(({ id }) => id === 300));
        const self = await rows.search({ near: { vector, value: vectors[300] }, limit: 1, exact: true, select: [] });
        t.not(self.hits[0].id, 300);
      }
    }
    if (readOnly) await db.close();
  }
});

t.test('a segment of several frames is read as it was written', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  // Codes of 8 KiB: an image of more than 16 MiB with few nodes.
  const dimensions = 8192;
  const hnsw = { m: 8, efConstruction: 40 };
  const schema = { vectors: { v: { dimensions, metric: 'euclidean', quantization: 'int8', hnsw } } } as const;
  const count = 2200;
  const random = seededRandom(SEED);
  const points = Array.from({ length: count }, () => Float32Array.of(random(), random(), random()));
  const point = (id: number) => Float32Array.from({ length: dimensions }, (_, i) => points[id][i % 3]);
  let db = await openDatabase(path);
  let rows = await db.collection('rows', schema);
  await rows.upsert(Array.from({ length: count }, (_, id) => ({ id, vectors: { v: point(id) } })));
  await db.optimize();
  t.equal(
    db.sql.prepare('SELECT max(chunks) FROM (SELECT count(*) AS chunks FROM nf_frames GROUP BY segment)').pluck().get(),
    3,
  );
  await db.close();
  db = await openDatabase(path);
  t.teardown(() => db.close());
  rows = await db.collection('rows', schema);
  t.same(
    (await rows.stats()).vectors.v.segments!.map(({ kind, vectors }) => [kind, vectors]),
    [['sealed', count]],
  );
  for (const id of [0, 17, 1242, count - 1]) {
    const { hits } = await rows.search({
      near: { vector: 'v', value: WalkingQuery.from(point(id)) },
      limit: 1,
      select: [],
    });
    t.equal(hits[0].id, id);
  }
});
