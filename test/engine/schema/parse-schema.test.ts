import t from 'tap';
import { compareSchemas, parseSchema } from '@nearfield/engine/internals/schema/index';
import { WordEncoder } from '../small-encoders.js';

t.test('a schema spells out every default and is frozen', async (t) => {
  const schema = parseSchema({
    fields: { title: 'text', year: 'integer', extra: 'json', must: { type: 'keyword', required: true, index: false } },
    vectors: { mine: { dimensions: 3 }, words: { from: ['title'], encoder: new WordEncoder(), bm25: { b: 0 } } },
  });
  t.strictSame(schema, {
    fields: {
      title: { type: 'text', required: false, index: false },
      year: { type: 'integer', required: false, index: true },
      extra: { type: 'json', required: false, index: false },
      must: { type: 'keyword', required: true, index: false },
    },
    vectors: {
      mine: {
        kind: 'given',
        dimensions: 3,
        metric: 'cosine',
        quantization: 'none',
        hnsw: { m: 16, efConstruction: 200 },
      },
      words: {
        kind: 'encoded',
        from: ['title'],
        encoder: 'bow:words',
        combine: 'join',
        weights: {},
        passages: true,
        quantization: 'none',
        hnsw: { m: 16, efConstruction: 200 },
        bm25: { k1: 1.2, b: 0 },
      },
    },
    strict: false,
  });
  t.ok(Object.isFrozen(schema) && Object.isFrozen(schema.fields.year) && Object.isFrozen(schema.vectors.mine.hnsw));
  t.strictSame(parseSchema({}), { fields: {}, vectors: {}, strict: false });
});

t.test('a wrong schema is refused by code and name', async (t) => {
  const words = { from: ['a'], encoder: 'bow:words' };
  const cases: [schema: unknown, code: string, field: string | undefined, remedy: RegExp][] = [
    [null, 'INVALID_SCHEMA', undefined, /./],
    [[], 'INVALID_SCHEMA', undefined, /./],
    [{ feilds: {} }, 'UNKNOWN_OPTION', 'feilds', /`fields`/],
    [{ fields: [] }, 'INVALID_SCHEMA', 'fields', /./],
    [{ strict: 1 }, 'INVALID_SCHEMA', 'strict', /./],
    [{ fields: { a: 'keywrd' } }, 'INVALID_SCHEMA', 'a', /`keyword`/],
    [{ fields: { a: 5 } }, 'INVALID_SCHEMA', 'a', /./],
    [{ fields: { a: { type: 'text', requierd: true } } }, 'UNKNOWN_OPTION', 'requierd', /`required`/],
    [{ fields: { a: { type: 'text', required: 'yes' } } }, 'INVALID_SCHEMA', 'a', /./],
    [{ fields: { a: { type: 'json', index: true } } }, 'INVALID_SCHEMA', 'a', /./],
    [{ fields: { id: 'text' } }, 'INVALID_SCHEMA', 'id', /./],
    [{ fields: { vectors: 'text' } }, 'INVALID_SCHEMA', 'vectors', /./],
    ...['', '1a', 'a.b', '$a', 'a b', 'constructor', 'a'.repeat(129)].map(
      (name): [unknown, string, undefined, RegExp] => [
        { fields: { [name]: 'text' } },
        'INVALID_SCHEMA',
        undefined,
        /./,
      ],
    ),
    [JSON.parse('{"fields": {"__proto__": "text"}}'), 'INVALID_SCHEMA', undefined, /./],
    [{ vectors: { v: {} } }, 'INVALID_SCHEMA', 'v', /./],
    ...[0, 1.5, -1, 65_537, '3', NaN].map((dimensions): [unknown, string, string, RegExp] => [
      { vectors: { v: { dimensions } } },
      'INVALID_SCHEMA',
      'v',
      /./,
    ]),
    [{ vectors: { v: { dimensions: 3, metric: 'cosin' } } }, 'INVALID_SCHEMA', 'v', /`cosine`/],
    [{ vectors: { v: { dimensions: 3, quantization: 'int4' } } }, 'INVALID_SCHEMA', 'v', /`int8`/],
    [{ vectors: { v: { dimensions: 3, metrik: 'dot' } } }, 'UNKNOWN_OPTION', 'metrik', /`metric`/],
    [{ vectors: { v: { dimensions: 3, hnsw: { m: 1 } } } }, 'INVALID_SCHEMA', 'v', /./],
    [{ vectors: { v: { dimensions: 3, hnsw: { m: 32, efConstruction: 31 } } } }, 'INVALID_SCHEMA', 'v', /./],
    [{ vectors: { v: words } }, 'INVALID_SCHEMA', 'v', /./],
    [{ fields: { a: 'text' }, vectors: { v: { ...words, from: [] } } }, 'INVALID_SCHEMA', 'v', /./],
    [{ fields: { a: 'text' }, vectors: { v: { ...words, from: ['A'] } } }, 'INVALID_SCHEMA', 'v', /`a`/],
    [{ fields: { a: 'text' }, vectors: { v: { ...words, encoder: '' } } }, 'INVALID_SCHEMA', 'v', /./],
    [{ fields: { a: 'text' }, vectors: { v: { ...words, bm25: { b: 2 } } } }, 'INVALID_SCHEMA', 'v', /./],
    [{ fields: { a: 'text' }, vectors: { v: { ...words, bm25: { k: 2 } } } }, 'UNKNOWN_OPTION', 'k', /`k1`/],
  ];
  for (const [schema, code, field, remedy] of cases) {
    const expected = { code, details: field === undefined ? {} : { field }, message: remedy };
    t.throws(() => parseSchema(schema), expected, JSON.stringify(schema)?.slice(0, 90));
  }
});

t.test('the differences of two schemas are named one by one', async (t) => {
  const stored = parseSchema({ fields: { a: 'text', b: 'integer' }, vectors: { v: { dimensions: 3 } } });
  const given = parseSchema({ fields: { a: 'keyword', c: 'float' }, vectors: { v: { dimensions: 4 } }, strict: true });
  t.same(compareSchemas(stored, stored), []);
  t.same(compareSchemas(stored, given), [
    'strict: stored false, given true',
    'field a: type stored "text", given "keyword"',
    'field a: index stored false, given true',
    'field b: stored, not given',
    'field c: given, not stored',
    'vector v: dimensions stored 3, given 4',
  ]);
});

t.test('the order of fields and vectors makes no difference', async (t) => {
  const forth = parseSchema({
    fields: { a: 'text', b: 'integer' },
    vectors: { v: { dimensions: 3 }, w: { dimensions: 2 } },
  });
  const back = parseSchema({
    vectors: { w: { dimensions: 2 }, v: { dimensions: 3 } },
    fields: { b: 'integer', a: 'text' },
  });
  t.same(compareSchemas(forth, back), []);
});
