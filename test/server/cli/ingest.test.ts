import { registry } from '@nearfield/encoders';
import { open } from '@nearfield/engine';
import { once } from 'node:events';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FILM_LINES, WORDS_SCHEMA, firstLine, folderOf, jsonLines, nearfield, start } from './command-line.js';

const SCHEMA = ['--schema', 'schema.json'];

t.test('a folder of texts becomes records that can be searched', async (t) => {
  const folder = await folderOf(t, {
    'notes/stars.md': 'Intro\n\n## The night sky ##\n\nAstronomers study stars.\n',
    'notes/deep/bread.txt': '\ufeffFlour and water\n',
    'notes/picture.bin': new Uint8Array([1, 0, 2]),
    'notes/.hidden/secret.txt': 'not to be read',
    'notes/node_modules/readme.md': 'not to be read',
  });
  const { code, out, err } = await nearfield(folder, ['ingest', 'db.nf', 'notes', 'notes', '--json']);
  t.equal(code, 0, err);
  t.equal(err, '', 'quiet when piped');
  t.match(JSON.parse(out), { collection: 'notes', records: 2, skipped: 0, passedOver: 1, failures: [] });

  t.match((await nearfield(folder, ['info', 'db.nf'])).out, /meaning +text:use-lite/);
  const found = JSON.parse((await nearfield(folder, ['search', 'db.nf', 'notes', 'flour', '--json'])).out);
  const [{ id, record }] = found.hits;
  t.equal(id, 'deep/bread.txt');
  t.match(record, {
    title: 'bread.txt',
    text: 'Flour and water\n',
    bytes: 19,
    path: join(folder, 'notes/deep/bread.txt'),
  });
  t.match(record.modified, /^\d{4}-\d\d-\d\dT/);
  const listed = JSON.parse(
    (await nearfield(folder, ['search', 'db.nf', 'notes', '--filter', '{"title":"The night sky"}', '--json'])).out,
  );
  t.equal(listed.hits[0].id, 'stars.md');
});

t.test('JSON Lines, JSON arrays and the standard input are records as they are', async (t) => {
  const folder = await folderOf(t, {
    'schema.json': WORDS_SCHEMA,
    'a.jsonl': `\n${jsonLines(FILM_LINES.slice(0, 1))}\r\n`,
    'b.json': JSON.stringify(FILM_LINES.slice(1, 2)),
  });
  const files = await nearfield(folder, ['ingest', 'db.nf', 'films', 'a.jsonl', 'b.json', ...SCHEMA]);
  t.equal(files.code, 0, files.err);
  t.match(files.out, /^2 records in films, /);
  const piped = await nearfield(folder, ['ingest', 'db.nf', 'films', '-'], jsonLines(FILM_LINES.slice(2)).trimEnd());
  t.equal(piped.code, 0, piped.err);
  const { out } = await nearfield(folder, ['search', 'db.nf', 'films', '--filter', '{}', '--json']);
  t.strictSame(
    JSON.parse(out).hits.map(({ record }: { record: object }) => record),
    [FILM_LINES[2], FILM_LINES[0], FILM_LINES[1]],
  );
});

t.test('records that replace others are written, and counted once in the collection', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA, 'a.jsonl': jsonLines(FILM_LINES) });
  await nearfield(folder, ['ingest', 'db.nf', 'films', 'a.jsonl', ...SCHEMA]);
  const again = await nearfield(folder, ['ingest', 'db.nf', 'films', '-'], jsonLines(FILM_LINES.slice(0, 1)));
  t.match(again.out, /^1 record written, 3 in films, /);
  const { out } = await nearfield(folder, ['ingest', 'db.nf', 'films', 'a.jsonl', '--json']);
  t.match(JSON.parse(out), { records: 3, total: 3 });
});

t.test('a path that does not exist leaves no database behind', async (t) => {
  const folder = await folderOf(t, {});
  const { code } = await nearfield(folder, ['ingest', 'db.nf', 'films', 'none.jsonl']);
  t.equal(code, 1);
  t.strictSame(await readdir(folder), []);
});

t.test('a new collection gets a schema from its first records', async (t) => {
  const folder = await folderOf(t, { 'films.jsonl': jsonLines(FILM_LINES) });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'films', 'films.jsonl']);
  t.equal(code, 0, err);
  const { collections } = JSON.parse((await nearfield(folder, ['info', 'db.nf', '--json'])).out);
  t.match(collections[0].schema, {
    fields: { title: { type: 'text' }, plot: { type: 'text' }, year: { type: 'integer' } },
    vectors: {
      meaning: { from: ['title', 'plot'], encoder: 'text:use-lite' },
      words: { from: ['title', 'plot'], encoder: 'bow:english' },
    },
  });
});

t.test('--id names the field of the id, and loses no other', async (t) => {
  const folder = await folderOf(t, {
    'schema.json': WORDS_SCHEMA,
    'a.jsonl': '{"sku":"x1","id":7,"title":"a thing"}\n',
  });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'things', 'a.jsonl', '--id', 'sku', ...SCHEMA]);
  t.equal(code, 0, err);
  const { out } = await nearfield(folder, ['search', 'db.nf', 'things', 'thing', '--json']);
  t.strictSame(JSON.parse(out).hits[0].record, { id: 'x1', _id: 7, title: 'a thing' });
});

const BROKEN = [
  '{"id":1,"title":"good"}',
  '{"id":2,',
  '{"title":"nameless"}',
  '[1]',
  '{"id":3,"year":"soon"}',
  '{"id":4,"title":"good too"}',
].join('\n');

t.test('the first broken line stops the ingestion and is named', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA, 'bad.jsonl': BROKEN });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'films', 'bad.jsonl', ...SCHEMA]);
  t.equal(code, 1);
  t.match(err, /^nearfield: bad\.jsonl:2: INVALID_RECORD: [^\n]+\n$/, 'one line, no stack');
});

t.test('broken lines are skipped and counted when that is asked for', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA, 'bad.jsonl': BROKEN });
  const args = ['ingest', 'db.nf', 'films', 'bad.jsonl', '--on-error', 'skip', '--json', ...SCHEMA];
  const { code, out, err } = await nearfield(folder, args);
  t.equal(code, 1, 'not everything went in');
  const result = JSON.parse(out);
  t.match(result, { records: 2, skipped: 4 });
  t.strictSame(
    result.failures.map((failure: { line: number; code: string }) => [failure.line, failure.code]),
    [
      [2, 'INVALID_RECORD'],
      [3, 'INVALID_ID'],
      [4, 'INVALID_RECORD'],
      [5, 'INVALID_FIELD'],
    ],
  );
  t.equal(err.trimEnd().split('\n').length, 4);
});

const CSV = `id,title,year,rating,seen,genres,code,released
tt1,The night sky over the desert,1999,7.5,TRUE,"[""space"",""nature""]",007,1999-05-01
tt2,Bread and water and a long day,2004,8,false,"[""food""]",010,2004-01-31
`;

t.test('the columns of a CSV file get the types that their cells show', async (t) => {
  const folder = await folderOf(t, { 'films.csv': CSV });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'films', 'films.csv']);
  t.equal(code, 0, err);
  const db = await open(join(folder, 'db.nf'), { readOnly: true, encoders: registry() });
  t.teardown(() => db.close());
  const films = await db.collection('films');
  const types = Object.fromEntries(Object.entries(films.schema.fields).map(([name, { type }]) => [name, type]));
  t.strictSame(types, {
    title: 'text',
    year: 'integer',
    rating: 'float',
    seen: 'boolean',
    genres: 'keyword[]',
    code: 'keyword',
    released: 'datetime',
  });
  t.match(await films.get('tt1'), { year: 1999, seen: true, genres: ['space', 'nature'], code: '007' });
});

t.test(
  'the cells of a CSV file get the types of the schema, and one that does not fit is named by its line',
  async (t) => {
    const fields = { title: 'text', code: 'keyword', year: 'integer', genres: 'keyword[]' };
    const schema = JSON.stringify({ fields, vectors: { words: { from: ['title'], encoder: 'bow:english' } } });
    const films = 'id,title,code,year,genres\n1,1984,12,1984,drama\n2,1985,13,soon,drama\n3,1986,14,1986,\n';
    const folder = await folderOf(t, { 'schema.json': schema, 'films.csv': films });
    const args = ['ingest', 'db.nf', 'films', 'films.csv', '--on-error', 'skip', '--json', ...SCHEMA];
    const { code, out } = await nearfield(folder, args);
    t.equal(code, 1);
    t.match(JSON.parse(out), { records: 2, failures: [{ code: 'INVALID_FIELD', file: 'films.csv', line: 3 }] });
    const db = await open(join(folder, 'db.nf'), { readOnly: true, encoders: registry() });
    t.teardown(() => db.close());
    t.match(await (await db.collection('films')).get('1'), {
      title: '1984',
      code: '12',
      year: 1984,
      genres: ['drama'],
    });
  },
);

const BROKEN_FILES: [name: string, content: string | Uint8Array, error: RegExp][] = [
  ['latin.txt', new Uint8Array([0x63, 0x61, 0x66, 0xe9]), /latin\.txt: INVALID_TEXT/],
  ['latin.jsonl', new Uint8Array([0x22, 0xe9, 0x22, 0x0a]), /latin\.jsonl:1: INVALID_TEXT/],
  ['cut.json', '[\n{"id":1},\n{"id":', /cut\.json(:3)?: INVALID_RECORD/],
  ['object.json', '{"id":1}', /object\.json: INVALID_RECORD/],
  ['mixed.json', '[{"id":1},7]', /mixed\.json\[1\]: INVALID_RECORD/],
];

for (const [name, content, error] of BROKEN_FILES) {
  t.test(`${name} is reported by its place`, async (t) => {
    const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA, [name]: content });
    const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'films', name, ...SCHEMA]);
    t.equal(code, 1);
    t.match(err, error);
  });
}

t.test('a file too large to be one record is reported, not read', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA, 'notes/big.txt': '', 'notes/small.txt': 'words' });
  await truncate(join(folder, 'notes/big.txt'), 65 * 1024 * 1024);
  const args = ['ingest', 'db.nf', 'notes', 'notes', '--on-error', 'skip', '--json', ...SCHEMA];
  const { out } = await nearfield(folder, args);
  t.match(JSON.parse(out), { records: 1, skipped: 1, failures: [{ code: 'TEXT_TOO_LONG', file: 'notes/big.txt' }] });
});

t.test('files of one relative path in two folders are not mixed up', async (t) => {
  const folder = await folderOf(t, { 'a/x.txt': 'one', 'b/x.txt': 'two' });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'notes', 'a', 'b']);
  t.equal(code, 1);
  t.match(err, /b\/x\.txt: INVALID_ID: The file has the same id as a\/x\.txt/);
});

t.test('the database does not ingest itself', async (t) => {
  const folder = await folderOf(t, { 'a.txt': 'some words' });
  const args = ['ingest', 'db.nf', 'notes', '.', '--json'];
  t.match(JSON.parse((await nearfield(folder, args)).out), { records: 1, passedOver: 0 });
  t.match(JSON.parse((await nearfield(folder, args)).out), { records: 1, passedOver: 0 });
});

t.test('an interrupted ingestion ends with what was committed, and the database opens', async (t) => {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA });
  await nearfield(folder, ['ingest', 'db.nf', 'films', '-', ...SCHEMA], jsonLines(FILM_LINES));
  const child = start(t, folder, ['ingest', 'db.nf', 'films', '-', '--json']);
  // A kilobyte a record, many batches: the first commit is sure to come before the end, which never does.
  const records = Array.from({ length: 2000 }, (_, id) => ({ id: `r${id}`, title: 'word '.repeat(200) }));
  child.stdin.on('error', () => undefined);
  await new Promise((resolve) => child.stdin.write(jsonLines(records), resolve));
  const result = firstLine(child);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const { records: committed } = JSON.parse(await result) as { records: number };
  t.strictSame(await exited, [1, null]);
  const db = await open(join(folder, 'db.nf'), { encoders: registry() });
  t.teardown(() => db.close());
  t.equal(await (await db.collection('films')).count(), FILM_LINES.length + committed);
});
