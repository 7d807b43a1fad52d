import t from 'tap';
import { parseSchema } from '@nearfield/engine/internals/schema/index';
import type { EncodedVector } from '@nearfield/engine/internals/schema/index';
import { LetterEncoder } from '../small-encoders.js';

const FIELDS = { title: 'text', plot: 'text', tags: 'keyword[]', poster: 'image', trailer: 'audio' } as const;

const parsed = (vector: object) => {
  const schema = parseSchema({ fields: FIELDS, vectors: { v: vector as never } });
  // What was spelled out means the same when it is given again.
  const { kind: _kind, ...again } = schema.vectors.v;
  t.strictSame(parseSchema({ fields: FIELDS, vectors: { v: again as never } }), schema);
  return schema.vectors.v as EncodedVector;
};

t.test('fields are joined where they are texts of one encoder, else combined by their mean', async (t) => {
  const rows: [object, string, object, boolean][] = [
    [{ from: ['title'], encoder: 'e' }, 'join', {}, true],
    [{ from: ['title', 'tags'], encoder: 'e' }, 'join', {}, true],
    [{ from: ['title', 'tags'], encoder: 'e', passages: false }, 'join', {}, false],
    [{ from: ['poster'], encoder: 'e' }, 'join', {}, false],
    [{ from: ['poster'], encoder: { poster: 'e' } }, 'join', {}, false],
    [{ from: ['title', 'poster'], encoder: 'e' }, 'mean', { title: 1, poster: 1 }, false],
    [{ from: ['title', 'plot'], encoder: { title: 'e', plot: 'f' } }, 'mean', { title: 1, plot: 1 }, false],
    [{ from: ['title', 'plot'], encoder: 'e', weights: { plot: 0.5 } }, 'mean', { title: 1, plot: 0.5 }, false],
    [{ from: ['title', 'plot'], encoder: 'e', combine: 'concat' }, 'concat', { title: 1, plot: 1 }, false],
    [{ from: ['title', 'poster'], encoder: 'e', combine: 'product' }, 'product', {}, false],
  ];
  for (const [vector, combine, weights, passages] of rows) {
    const given = JSON.stringify(vector);
    const found = parsed(vector);
    t.equal(found.combine, combine, given);
    t.strictSame(found.weights, weights, given);
    t.equal(found.passages, passages, given);
  }
});

t.test('encoders of single fields are kept by name', async (t) => {
  const letters = new LetterEncoder();
  t.equal(parsed({ from: ['title'], encoder: letters }).encoder, 'text:letters');
  t.same(parsed({ from: ['title', 'poster'], encoder: { poster: 'image:x', title: letters } }).encoder, {
    title: 'text:letters',
    poster: 'image:x',
  });
  const schema = {
    fields: { identity: 'text', other: 'text' },
    vectors: { v: { from: ['identity', 'other'], encoder: { identity: letters, other: 'e' } } },
  } as const;
  t.same((parseSchema(schema).vectors.v as EncodedVector).encoder, { identity: 'text:letters', other: 'e' });
});

t.test('a combination that has no meaning is refused', async (t) => {
  const from = ['title', 'poster'];
  const rows: [object, string, RegExp][] = [
    [{ from, encoder: 'e', combine: 'sum' }, 'INVALID_SCHEMA', /Unknown combine/],
    [{ from, encoder: 'e', combine: 'meen' }, 'INVALID_SCHEMA', /`mean`/],
    [{ from, encoder: 'e', combine: 'join' }, 'INVALID_SCHEMA', /takes texts and one encoder/],
    [{ from: ['title', 'plot'], encoder: { title: 'e', plot: 'e' }, combine: 'join' }, 'INVALID_SCHEMA', /one encoder/],
    [{ from, encoder: { title: 'e' } }, 'INVALID_SCHEMA', /no encoder for field `poster`/],
    [{ from, encoder: { title: 'e', poster: 5 } }, 'INVALID_SCHEMA', /no encoder for field `poster`/],
    [{ from, encoder: { title: 'e', poster: 'f', plot: 'g' } }, 'UNKNOWN_OPTION', /`plot`/],
    [{ from, encoder: [] }, 'INVALID_SCHEMA', /one of them for each field/],
    [{ from: ['title', 'title'], encoder: 'e' }, 'INVALID_SCHEMA', /each field once/],
    [{ from, encoder: 'e', weights: { titel: 1 } }, 'UNKNOWN_OPTION', /`title`/],
    [{ from, encoder: 'e', weights: null }, 'INVALID_SCHEMA', /object/],
    ...[0, -1, NaN, Infinity, 1e7, '1'].map((title): [object, string, RegExp] => [
      { from, encoder: 'e', weights: { title } },
      'INVALID_SCHEMA',
      /weights\.title/,
    ]),
    [{ from, encoder: 'e', combine: 'product', weights: { title: 2 } }, 'INVALID_SCHEMA', /does not take/],
    [{ from: ['title'], encoder: 'e', combine: 'join', weights: { title: 2 } }, 'INVALID_SCHEMA', /does not take/],
    [{ from, encoder: 'e', passages: true }, 'INVALID_SCHEMA', /texts alone/],
    [{ from: ['title'], encoder: 'e', passages: 'yes' }, 'INVALID_SCHEMA', /true or false/],
  ];
  for (const [vector, code, message] of rows) {
    t.throws(() => parsed(vector), { code, message }, JSON.stringify(vector));
  }
});
