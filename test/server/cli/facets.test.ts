import t, { type Test } from 'tap';
import { folderOf, jsonLines, nearfield } from './command-line.js';

const SCHEMA = JSON.stringify({ fields: { genre: 'keyword', year: 'integer', seen: 'datetime', plot: 'text' } });
const FILMS = [
  { id: 1, genre: 'drama', year: 1994, seen: '2024-05-01T00:00:00.000Z' },
  { id: 2, genre: 'drama', year: 1972 },
  { id: 3, genre: 'ani\u0007\nmation', year: 2001 },
  { id: 4, year: 1994 },
];

async function films(t: Test) {
  const folder = await folderOf(t, { 'schema.json': SCHEMA });
  const args = ['ingest', 'db.nf', 'films', '-', '--schema', 'schema.json'];
  const { code, err } = await nearfield(folder, args, jsonLines(FILMS));
  t.equal(code, 0, err);
  return folder;
}

t.test(
  'facets shows the values of a field, the most frequent first, and nothing that steers the terminal',
  async (t) => {
    const folder = await films(t);
    const { code, out, err } = await nearfield(folder, ['facets', 'db.nf', 'films', 'genre']);
    t.equal(code, 0, err);
    t.equal(out, 'records  genre\n      2  drama\n      1  ani mation\n');
    const limited = await nearfield(folder, ['facets', 'db.nf', 'films', 'year', '--limit', '1', '--json']);
    t.same(JSON.parse(limited.out), { facets: [{ value: 1994, count: 2 }] });
    const dates = await nearfield(folder, ['facets', 'db.nf', 'films', 'seen', '--json']);
    t.same(JSON.parse(dates.out), { facets: [{ value: '2024-05-01T00:00:00.000Z', count: 1 }] });
    const filter = ['--filter', '{"year":{"$lt":1990}}'];
    t.equal(
      (await nearfield(folder, ['facets', 'db.nf', 'films', 'year', ...filter])).out,
      'records  year\n      1  1972\n',
    );
  },
);

t.test('count counts all records, or those that match a filter', async (t) => {
  const folder = await films(t);
  t.equal((await nearfield(folder, ['count', 'db.nf', 'films'])).out, '4\n');
  const { out } = await nearfield(folder, ['count', 'db.nf', 'films', '--filter', '{"genre":"drama"}', '--json']);
  t.same(JSON.parse(out), { count: 2 });
});

t.test('facets and count say what is wrong, and create nothing', async (t) => {
  const folder = await films(t);
  const wrong: [args: string[], code: number, err: RegExp][] = [
    [['facets', 'db.nf', 'films', 'gnre'], 1, /INVALID_ARGUMENT: .*genre/],
    [['facets', 'db.nf', 'films', 'plot'], 1, /INVALID_ARGUMENT/],
    [['facets', 'db.nf', 'films'], 2, /missing required argument 'field'/],
    [['facets', 'db.nf', 'films', 'genre', '--limit', '0'], 2, /Expected an integer from 1/],
    [['count', 'db.nf', 'films', '--filter', '{"year":{"$gr":1}}'], 1, /UNKNOWN_OPERATOR/],
    [['count', 'none.nf', 'films'], 1, /DATABASE_NOT_FOUND/],
    [['count', 'db.nf', 'none'], 1, /nearfield: /],
  ];
  for (const [args, code, err] of wrong) {
    const ended = await nearfield(folder, args);
    t.equal(ended.code, code, args.join(' '));
    t.match(ended.err, err);
    t.equal(ended.out, '');
  }
});
