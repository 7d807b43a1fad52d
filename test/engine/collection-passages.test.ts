import { join } from 'node:path';
import t, { type Test } from 'tap';
import { open, type Encoder } from '@nearfield/engine';
import { LetterEncoder, WindowEncoder, WordEncoder } from './small-encoders.js';

const FIELDS = { title: 'text', plot: 'text', tags: 'keyword[]' } as const;

const LONG = 'a a a a a a a a b b b b b b c c c c c c';
const PASSAGES = ['a a a a a a a a', 'a a b b b b b b', 'b b c c c c c c'];

async function books(
  t: Test,
  encoder: Encoder,
  { from = ['plot'], passages = undefined as boolean | undefined, path = ':memory:' } = {},
) {
  const db = await open(path);
  t.teardown(() => db.close());
  const vectors = { meaning: { from, encoder, passages } };
  return { db, books: await db.collection('books', { fields: FIELDS, vectors }) };
}

t.test('a text longer than the window has a vector a passage, and a hit names the best', async (t) => {
  const encoder = new WindowEncoder();
  const { books: rows } = await books(t, encoder);
  await rows.upsert([
    { id: 1, plot: LONG },
    { id: 2, plot: 'd b' },
    { id: 3, plot: '' },
  ]);
  t.same(encoder.cuts, [[LONG, 'd b']]);
  t.same(encoder.calls, [[...PASSAGES, 'd b']]);
  const [long, short] = await rows.get([1, 2], { vectors: true });
  t.equal(long?.vectors?.meaning?.length, 3);
  t.ok(short?.vectors?.meaning instanceof Float32Array);
  const { hits } = await rows.search({ text: 'c c c b' });
  t.same(
    hits.map(({ id }) => id),
    [1, 2],
  );
  const { part } = hits[0].scores.meaning as { part: { start: number; end: number } };
  t.same(part, { start: 24, end: 39 });
  t.equal(LONG.slice(part.start, part.end), PASSAGES[2]);
  t.notOk('part' in hits[1].scores.meaning);
  t.same((await rows.search({ text: 'a', select: [] })).hits[0].scores.meaning.part, { start: 0, end: 15 });
});

t.test('a query is never cut', async (t) => {
  const encoder = new WindowEncoder();
  const { books: rows } = await books(t, encoder);
  await rows.upsert({ id: 1, plot: LONG });
  await rows.search({ text: LONG });
  t.equal(encoder.cuts.length, 1);
  t.same(encoder.calls.at(-1), [LONG]);
});

t.test('of several fields the part names the one that has most of the passage', async (t) => {
  const encoder = new WindowEncoder();
  const { books: rows } = await books(t, encoder, { from: ['title', 'tags', 'plot'] });
  const tags = ['f f', ' ', 'g g g g'];
  await rows.upsert([{ id: 1, title: 'e e', tags, plot: 'h h h h h h h h' }]);
  t.same(encoder.calls[0], ['e e\nf f\ng g g g', 'g g\nh h h h h h', 'h h h h']);
  const part = async (text: string) => (await rows.search({ text })).hits[0].scores.meaning.part;
  t.same(await part('e f g g'), { field: 'tags', start: 6, end: 13 });
  t.equal(tags.join('\n').slice(6, 13), 'g g g g');
  t.same(await part('h h h g'), { field: 'plot', start: 0, end: 11 });
  t.same(await part('h'), { field: 'plot', start: 8, end: 15 });
});

t.test('passages that say nothing are left out with their places', async (t) => {
  const { books: rows } = await books(t, new WindowEncoder());
  await rows.upsert([
    { id: 1, plot: '1 1 1 1 1 1 1 1 1 1 1 1 1 1 x x x x x x y y y y y y' },
    { id: 2, plot: `1 1 1 1 1 1 1 1 1 1 1 1 1 1 q q q q q q` },
    { id: 3, plot: '2 '.repeat(20) },
  ]);
  t.same((await rows.search({ text: 'y' })).hits[0].scores.meaning.part, { start: 36, end: 51 });
  const [only] = (await rows.search({ text: 'q' })).hits;
  t.equal(only.id, 2);
  t.notOk('part' in only.scores.meaning, 'one vector has no part');
  t.equal((await rows.stats()).vectors.meaning.count, 2);
});

t.test('passages: false, an encoder without a window and a bag of words read texts whole', async (t) => {
  const encoder = new WindowEncoder();
  for (const options of [
    { encoder, passages: false },
    { encoder: new LetterEncoder() },
    { encoder: new WordEncoder() },
  ]) {
    const { books: rows } = await books(t, options.encoder, options);
    await rows.upsert({ id: 1, plot: LONG });
    t.same(options.encoder.calls[0], [LONG]);
    t.notOk('part' in (await rows.search({ text: 'a' })).hits[0].scores.meaning);
  }
  t.same(encoder.cuts, []);
});

t.test('passages survive reopening, replacing, updating, sealing and deleting', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const from = ['plot'];
  const first = await books(t, new WindowEncoder(), { path, from });
  await first.books.upsert([
    { id: 1, plot: LONG },
    { id: 2, plot: `z ${LONG}` },
  ]);
  await first.books.update(1, { title: 'kept' });
  const count = () => first.db.sql.prepare('SELECT count(*) FROM nf_passages').pluck().get();
  const part = async (rows: typeof first.books) => (await rows.search({ text: 'c' })).hits[0].scores.meaning.part;
  t.equal(count(), 2, 'of the replaced version there are none any more');
  await first.books.upsert({ id: 2, plot: 'short' });
  t.equal(count(), 1);
  t.same(await part(first.books), { start: 24, end: 39 });
  const reader = await open(path, { readOnly: true });
  const encoder = new WindowEncoder();
  const schema = { fields: FIELDS, vectors: { meaning: { from, encoder } } };
  t.same(await part((await reader.collection('books', schema)) as unknown as typeof first.books), {
    start: 24,
    end: 39,
  });
  await reader.close();
  await first.db.close();
  const again = await books(t, new WindowEncoder(), { path, from });
  t.same(await part(again.books), { start: 24, end: 39 });
  await again.books.delete(1);
  t.equal(again.db.sql.prepare('SELECT count(*) FROM nf_passages').pluck().get(), 0);
  await again.books.upsert({ id: 1, plot: LONG });
  await again.db.dropCollection('books');
  t.equal(again.db.sql.prepare('SELECT count(*) FROM nf_passages').pluck().get(), 0);
});

t.test('a graph finds passages like a scan', async (t) => {
  const { db, books: rows } = await books(t, new WindowEncoder());
  const letter = (i: number) => String.fromCharCode(97 + (i % 26));
  const text = (id: number) =>
    Array.from({ length: 20 }, (_, i) => `${letter(id * 7 + (i >> 1))}${letter(id + i)}`).join(' ');
  await rows.upsert(Array.from({ length: 700 }, (_, id) => ({ id, plot: text(id) })));
  const queries = Array.from({ length: 20 }, (_, i) => ({ text: text(i * 31).slice(12, 24) }));
  const answer = async (exact: boolean) =>
    (await rows.searchBatch(queries.map((query) => ({ ...query, exact })))).map(({ hits }) => hits[0]);
  const scanned = await answer(true);
  await db.optimize();
  const walked = await answer(false);
  for (const [i, hit] of walked.entries()) {
    t.ok(hit.scores.meaning.part !== undefined);
    if (hit.id === scanned[i].id) t.same(hit.scores.meaning.part, scanned[i].scores.meaning.part);
  }
  t.ok(walked.filter(({ id }, i) => id === scanned[i].id).length >= 18);
});

t.test('a text of too many passages is refused, or skipped', async (t) => {
  const { books: rows } = await books(t, new WindowEncoder());
  const plot = 'a '.repeat(6 * 4096 + 3);
  const refused = { code: 'TEXT_TOO_LONG', details: { record: 'big', expected: 'at most 4096', received: '4097' } };
  await t.rejects(
    rows.upsert([
      { id: 'small', plot: 'a' },
      { id: 'big', plot },
    ]),
    refused,
  );
  t.equal(await rows.count(), 0);
  const { count, skipped } = await rows.upsert(
    [
      { id: 'small', plot: 'a' },
      { id: 'big', plot },
    ],
    { onError: 'skip' },
  );
  t.same([count, skipped[0].id, skipped[0].code], [1, 'big', 'TEXT_TOO_LONG']);
});

t.test('passages that are missing from the file, or torn, are an error of the file', async (t) => {
  for (const damage of ['DELETE FROM nf_passages', "UPDATE nf_passages SET spans = x'0001'"]) {
    const { db, books: rows } = await books(t, new WindowEncoder());
    await rows.upsert({ id: 1, plot: LONG });
    db.sql.exec(damage);
    await t.rejects(rows.search({ text: 'a' }), { code: 'CORRUPT' });
  }
});

t.test('an encoder that cuts wrongly is told so, and nothing is stored', async (t) => {
  const span = { start: 0, end: 4 };
  const wrong: unknown[] = [
    undefined,
    [],
    [[span], [span]],
    [[]],
    [[{ start: -1, end: 4 }]],
    [[{ start: 3, end: 2 }]],
    [[{ start: 0, end: 5 }]],
    [[{ start: 0.5, end: 2 }]],
  ];
  for (const spans of wrong) {
    const encoder = Object.assign(new WindowEncoder(), { passages: async () => spans });
    const { books: rows } = await books(t, encoder as Encoder);
    await t.rejects(rows.upsert({ id: 1, plot: 'a b.' }), { code: 'ENCODER_FAILED', message: /passages/ });
    t.equal(await rows.count(), 0);
  }
  const failing = Object.assign(new WindowEncoder(), { passages: () => Promise.reject(new Error('no')) });
  const { books: rows } = await books(t, failing);
  await t.rejects(rows.upsert({ id: 1, plot: 'a' }), { code: 'ENCODER_FAILED', cause: { message: 'no' } });
});

t.test('near a record of more passages than a query searches for is near some of them, evenly', async (t) => {
  const { books: rows } = await books(t, new WindowEncoder());
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const long = Array.from({ length: 2400 }, (_, i) => letters[Math.floor(i / 100)]).join(' ');
  await rows.upsert([
    { id: 1, plot: long },
    { id: 2, plot: 'a a a' },
    { id: 3, plot: 'x x x' },
    { id: 4, plot: 'z z z' },
  ]);
  const passages = (await rows.get(1, { vectors: true }))!.vectors!.meaning!.length;
  t.ok(passages > 256, `${passages}`);
  const { hits } = await rows.search({ near: { vector: 'meaning', id: 1 }, select: [] });
  // The text begins with a and ends with x.
  t.same(
    hits.map(({ id, score }) => [id, Math.round(score * 1000) / 1000]),
    [1, 2, 3, 4].map((id) => [id, id === 4 ? 0 : 1]),
  );
});
