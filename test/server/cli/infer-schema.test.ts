import { inferSchema } from '@nearfield/server/internals/cli/infer-schema';
import t from 'tap';

const data = (record: Record<string, unknown>) =>
  ({ kind: 'record', record, origin: { file: 'a' }, from: 'data' }) as const;
const typesOf = (...values: unknown[]) =>
  inferSchema(values.map((value, id) => data({ id, field: value }))).fields?.field;

const CASES: [values: unknown[], type: string][] = [
  [[true, false], 'boolean'],
  [[1, 2], 'integer'],
  [[1, 2.5], 'float'],
  [['2020-01-01', '2021-12-31T10:00:00Z'], 'datetime'],
  [['2020-01-01', '2020-02-31'], 'keyword'],
  [['drama', 'crime'], 'keyword'],
  [['Warner Bros', 'Warner Bros'], 'keyword'],
  [['a text of some words', 'another text of some words'], 'text'],
  [[['a'], ['b', 'c']], 'keyword[]'],
  [[{ a: 1 }], 'json'],
  [[1, 'one'], 'json'],
  [[[1, 2]], 'json'],
  [[null, 3], 'integer'],
];

for (const [values, type] of CASES) {
  t.test(`${JSON.stringify(values)} is of type ${type}`, async (t) => {
    t.equal(typesOf(...values), type);
  });
}

t.test('a field that is called title is text, a pair that is called place is a point', async (t) => {
  const { fields } = inferSchema([data({ id: 1, title: 'Up', place: [13.4, 52.5] })]);
  t.strictSame(fields, { title: 'text', place: 'geo' });
  t.equal(inferSchema([data({ id: 1, place: [200, 52.5] })]).fields?.place, 'json');
});

t.test('texts are searched by meaning and by words, given vectors by their dimensions', async (t) => {
  const { vectors } = inferSchema([data({ id: 1, title: 'Up', year: 2009, vectors: { mine: [1, 2, 3] } })]);
  t.strictSame(vectors, {
    mine: { dimensions: 3 },
    meaning: { from: ['title'], encoder: 'text:use-lite' },
    words: { from: ['title'], encoder: 'bow:english' },
  });
  const list = [
    [1, 2],
    [3, 4],
  ];
  t.strictSame(inferSchema([data({ id: 1, vectors: { mine: list } })]).vectors, { mine: { dimensions: 2 } });
  t.strictSame(inferSchema([data({ id: 1, year: 2009 })]).vectors, {});
});

t.test('keys that cannot name a field are left out', async (t) => {
  const { fields } = inferSchema([
    data({ id: 1, _id: 2, 'two words': 3, '': 4, vectors: {}, constructor: 5, größe: 6 }),
  ]);
  t.strictSame(fields, { _id: 'integer', größe: 'integer' });
});

t.test('images and sounds that are to come get a field and a vector, beside the texts of files', async (t) => {
  const { fields, vectors } = inferSchema([], new Set(['image', 'audio'] as const));
  t.match(fields, { title: 'text', kind: 'keyword', image: 'image', audio: 'audio' });
  t.match(vectors, {
    meaning: { from: ['title', 'text'] },
    words: { from: ['title', 'text'] },
    look: { from: ['image'], encoder: 'image:mobilenet-v2' },
    sound: { from: ['audio'], encoder: 'audio:speech' },
  });
  t.notOk(Object.hasOwn(inferSchema([], new Set(['image'] as const)).vectors!, 'sound'));
});

t.test('a field that data and files use differently takes both', async (t) => {
  const { fields } = inferSchema([data({ id: 1, kind: 7, bytes: 3 })], new Set(['image'] as const));
  t.match(fields, { kind: 'json', bytes: 'integer', path: 'keyword' });
});
