import t, { type Test } from 'tap';
import { FILM_LINES, WORDS_SCHEMA, folderOf, jsonLines, nearfield } from './command-line.js';

async function films(t: Test) {
  const folder = await folderOf(t, { 'schema.json': WORDS_SCHEMA });
  await nearfield(folder, ['ingest', 'db.nf', 'films', '-', '--schema', 'schema.json'], jsonLines(FILM_LINES));
  return folder;
}

t.test('a search prints a table within 80 columns, and what it was', async (t) => {
  const folder = await films(t);
  const { code, out, err } = await nearfield(folder, ['search', 'db.nf', 'films', 'prison hope']);
  t.equal(code, 0, err);
  const lines = out.split('\n');
  t.match(lines[0], /^# +words +id +title$/);
  t.match(lines[1], /^1 +\d\.\d{3} +tt1 +The Shawshank Redemption$/);
  t.match(out, /1 of 1 match, exact \(exact-scan\), [\d.]+ ms/);
  for (const line of lines) t.ok(line.length <= 80, line);
});

t.test('--json prints what the engine answers', async (t) => {
  const folder = await films(t);
  const { out } = await nearfield(folder, ['search', 'db.nf', 'films', 'family', '--limit', '1', '--json']);
  t.match(JSON.parse(out), {
    hits: [{ id: 'tt2', record: FILM_LINES[1], scores: { words: { rank: 1 } } }],
    info: { exact: true },
  });
  t.equal(out.trimEnd().split('\n').length, 1);
});

t.test('a filter narrows a search, and lists records alone', async (t) => {
  const folder = await films(t);
  const filter = ['--filter', '{"year":{"$lt":1980}}'];
  t.match((await nearfield(folder, ['search', 'db.nf', 'films', 'prison', ...filter])).out, /^0 of 0 matches/);
  const listed = await nearfield(folder, ['search', 'db.nf', 'films', ...filter]);
  t.match(listed.out, /^# +id +title\n1 +tt2 +The Godfather\n\n1 of 1 match, by id\n$/);
});

t.test('--explain prints the plan', async (t) => {
  const folder = await films(t);
  const args = ['search', 'db.nf', 'films', 'prison', '--explain'];
  t.match(
    (await nearfield(folder, args)).out,
    /^exact-scan: exact, 3 rows, limit 10, offset 0\n {2}postings-scan vector words/,
  );
  t.match(JSON.parse((await nearfield(folder, [...args, '--json'])).out), {
    kind: 'query-plan',
    strategy: 'exact-scan',
  });
});

t.test('--analyze runs it and prints what the plan came to', async (t) => {
  const folder = await films(t);
  const args = ['search', 'db.nf', 'films', 'prison', '--analyze'];
  t.match(
    (await nearfield(folder, args)).out,
    /^exact-scan: exact, [^]*\nactual: exact-scan, 1 hits, recall 1\.000 \(expected 1\.000\), [\d.]+ ms\n {2}encode /,
  );
  t.match(JSON.parse((await nearfield(folder, [...args, '--json'])).out), { kind: 'search-analysis', recall: 1 });
});

t.test('info shows collections, counts, encoders and sizes', async (t) => {
  const folder = await films(t);
  const { code, out } = await nearfield(folder, ['info', 'db.nf']);
  t.equal(code, 0);
  t.match(out, /^db\.nf: [\d.]+ KB, collections: 1\n\nfilms: 3 records, /);
  t.match(out, /words +bow:english 1 +sparse, BM25 +3 /);
  const json = JSON.parse((await nearfield(folder, ['info', 'db.nf', '--json'])).out);
  t.match(json.collections, [
    { name: 'films', stats: { records: 3, vectors: { words: { encoder: { name: 'bow:english' } } } } },
  ]);
  t.ok(json.bytes > 0);
});

t.test('DEBUG=nearfield shows the stack of a failure', async (t) => {
  const { code, err } = await nearfield(await folderOf(t, {}), ['info', 'none.nf'], '', { DEBUG: 'nearfield' });
  t.equal(code, 1);
  t.match(err, /DATABASE_NOT_FOUND[^]*\n {4}at /);
});

t.test('failures are one line with a code and a remedy, and exit with 1', async (t) => {
  const folder = await films(t);
  const failures: [args: string[], err: RegExp][] = [
    [['search', 'none.nf', 'films', 'x'], /^nearfield: DATABASE_NOT_FOUND: .*none\.nf.*\n$/],
    [['info', 'none.nf'], /^nearfield: DATABASE_NOT_FOUND: /],
    [['search', 'schema.json', 'films', 'x'], /^nearfield: NOT_A_DATABASE: /],
    [['search', 'db.nf', 'film', 'x'], /^nearfield: COLLECTION_NOT_FOUND: .*Did you mean `films`\?/],
    [['search', 'db.nf', 'films', 'x', '--filter', '{"year":{"$gtt":1}}'], /^nearfield: UNKNOWN_OPERATOR: .*\$gt/],
    [['ingest', 'db.nf', 'films', 'none.jsonl'], /^nearfield: INVALID_ARGUMENT: none\.jsonl cannot be read/],
  ];
  for (const [args, expected] of failures) {
    const { code, out, err } = await nearfield(folder, args);
    t.equal(code, 1, args.join(' '));
    t.match(err, expected);
    t.notMatch(err, /\n {4}at /);
    if (args[0] !== 'ingest') t.equal(out, '');
  }
});
