import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { open } from '@nearfield/engine';
import { SharedEncoder, WindowEncoder } from '../small-encoders.js';

const text = new WindowEncoder();
const image = new SharedEncoder('image:letters', ['image']);
const schema = {
  fields: { plot: 'text', poster: 'image' },
  vectors: {
    meaning: { from: ['plot'], encoder: text },
    look: { from: ['poster'], encoder: image },
    mine: { dimensions: 2 },
  },
} as const;

/** Takes from a file what versions 3 to 5 of the format added. */
function toVersion2(path: string): void {
  const sql = new Sqlite(path);
  sql.exec('DROP TABLE nf_passages; DROP TABLE nf_recall; DROP TABLE nf_machines');
  const stored = sql.prepare('SELECT id, schema FROM nf_collections').all() as { id: number; schema: string }[];
  for (const { id, schema } of stored) {
    const old = JSON.parse(schema, (key: string, value: unknown) =>
      ['combine', 'weights', 'passages'].includes(key) ? undefined : value,
    ) as unknown;
    sql.prepare('UPDATE nf_collections SET schema = ? WHERE id = ?').run(JSON.stringify(old), id);
  }
  sql.pragma('user_version = 2');
  sql.close();
}

t.test('a file of version 2 opens with the schema that it was made with, and takes passages', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await open(path);
  await (await first.collection('films', schema)).upsert({ id: 1, plot: 'a', poster: 'b' });
  await first.collection('empty', {});
  await first.close();
  toVersion2(path);
  await t.rejects(open(path, { readOnly: true }), { code: 'VERSION_UNSUPPORTED' });

  const db = await open(path);
  t.teardown(() => db.close());
  const films = await db.collection('films', schema);
  t.match(films.schema.vectors, {
    meaning: { combine: 'join', weights: {}, passages: true },
    look: { combine: 'join', weights: {}, passages: false },
    mine: { kind: 'given', dimensions: 2 },
  });
  t.same((await db.collection('empty', {})).schema.vectors, {});
  await films.upsert({ id: 2, plot: `${'x '.repeat(8)}${'y '.repeat(8)}` });
  t.equal((await films.search({ text: 'a' })).hits[0].id, 1);
  t.same((await films.search({ text: 'y' })).hits[0].scores.meaning.part, { start: 24, end: 31 });
});
