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
const RECORDS = 600;
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

const random = seededRandom(SEED);
const vectors = Array.from({ length: RECORDS }, () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5));
const record = (id: number) => ({ id, n: id, vectors: { plain: vectors[id], bytes: vectors[id] } });

async function openDatabase(path: string, readOnly = false): Promise<Database> {
  return walkWhenAsked(await openWith(path, { readOnly }, LIMITS), () => 64);
}

/** A file with two sealed segments in each space, both made at one commit. */
async function makeFile(path: string): Promise<void> {
  const db = await openWith(path, { threads: 2 }, { ...LIMITS, flatBytes: 200 * DIMENSIONS * 4 });
  const rows = await db.collection('rows', SCHEMA);
  const half = RECORDS / 2;
  await rows.upsert(Array.from({ length: half }, (_, id) => record(id)));
  await rows.upsert(Array.from({ length: half }, (_, id) => record(half + id)));
  // The next commit begins a new segment, and those before are sealed, one on each thread.
  await rows.upsert(record(0));
  for (let { background } = await rows.stats(); background.running; { background } = await rows.stats()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await db.close();
}

/** Every record is its own nearest, by an exact search and by walks; the exact one is that of the vectors in hand. */
async function check(t: Test, rows: Rows, ids: readonly number[], when: string): Promise<void> {
  for (const vector of ['plain', 'bytes'] as const) {
    const query = (value: Float32Array) => ({ near: { vector, value }, limit: 1, select: [] }) as const;
    const exact = await rows.searchBatch(ids.map((id) => ({ ...query(vectors[id]), exact: true })));
    t.same(
      exact.map(({ hits }) => hits[0].id),
      ids,
      `${when}: ${vector}, exact`,
    );
    const walked = await rows.searchBatch(ids.map((id) => query(WalkingQuery.from(vectors[id]))));
    const found = walked.filter(({ hits }, i) => hits[0].id === ids[i]).length;
    t.ok(found >= 0.99 * ids.length, `${when}: ${vector}, ${found} of ${ids.length} by walks`);
  }
  t.equal(await rows.count(), ids.length);
}

const all = Array.from({ length: RECORDS }, (_, id) => id);
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

/** What is done to the file, and the segments that cannot be used then. */
const DAMAGE: Readonly<Record<string, { readonly unusable: number; readonly by: (sql: SQLite.Database) => void }>> = {
  'a byte of an image changes': { unusable: 1, by: (sql) => flip(sql, IMAGE, (length) => length - 9) },
  'a byte of the header of an image changes': { unusable: 1, by: (sql) => flip(sql, IMAGE, () => 17) },
  'a byte of a description changes': {
    unusable: 1,
    by: (sql) => flip(sql, IMAGE.replace('= 1', '= 0'), (length) => length >> 1),
  },
  'an image is cut': {
    unusable: 1,
    by: (sql) => sql.exec(`UPDATE nf_frames SET bytes = substr(bytes, 1, length(bytes) / 2) WHERE ${IMAGE}`),
  },
  'an image is empty': { unusable: 1, by: (sql) => sql.exec(`UPDATE nf_frames SET bytes = x'' WHERE ${IMAGE}`) },
  'an image is missing': { unusable: 1, by: (sql) => sql.exec(`DELETE FROM nf_frames WHERE ${IMAGE}`) },
  'all frames are missing': { unusable: 4, by: (sql) => sql.exec('DELETE FROM nf_frames') },
  'description and image are exchanged': {
    unusable: 1,
    by: (sql) => swap(sql, IMAGE, IMAGE.replace('= 1', '= 0')),
  },
  'the images of two segments of one space are exchanged': {
    unusable: 2,
    by: (sql) => {
      const ids = sql.prepare('SELECT id FROM nf_segments WHERE vector = 1 ORDER BY id').pluck().all();
      swap(sql, `segment = ${ids[0]} AND number = 1`, `segment = ${ids[1]} AND number = 1`);
    },
  },
  'the images of two spaces are exchanged': {
    unusable: 2,
    by: (sql) => {
      const of = sql.prepare('SELECT min(id) FROM nf_segments WHERE vector = ?').pluck();
      swap(sql, `segment = ${of.get(1)} AND number = 1`, `segment = ${of.get(2)} AND number = 1`);
    },
  },
  'a segment was being written when its writer ended': {
    unusable: 1,
    by: (sql) => {
      const { lastInsertRowid } = sql.prepare('INSERT INTO nf_segments (vector) VALUES (1)').run();
      sql.prepare("INSERT INTO nf_frames (segment, number, bytes) VALUES (?, 0, x'00')").run(lastInsertRowid);
    },
  },
  'the vector of a record that is gone is back': {
    unusable: 1,
    by: (sql) => {
      // The first record was replaced, and its first version dropped or kept in the segment.
      sql.exec('DELETE FROM nf_dense_1 WHERE key = 7');
      sql.exec('INSERT INTO nf_dense_1 SELECT 7, vector FROM nf_dense_1 WHERE key = 8');
      sql.exec('DELETE FROM nf_segments WHERE id = (SELECT min(id) FROM nf_segments WHERE vector = 1)');
    },
  },
};

t.test(`damaged segments are scanned, and sealed anew (NEARFIELD_SEED=${SEED})`, async (t) => {
  const folder = t.testdir();
  const original = join(folder, 'original.nf');
  await makeFile(original);
  for (const [name, { unusable, by }] of Object.entries(DAMAGE)) {
    await t.test(name, async (t) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.nf`);
      copyFileSync(original, path);
      const sql = new SQLite(path);
      by(sql);
      sql.close();
      const before = readFileSync(path);
      const reader = await openDatabase(path, true);
      await check(t, (await reader.collection('rows')) as Rows, all, 'read-only');
      await reader.close();
      t.ok(readFileSync(path).equals(before), 'a reader changes nothing');
      void unusable;

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
