import t from 'tap';
import { LettersEncoder } from '../letters-encoder.js';
import { FILMS, serving, servingFilms } from '../serving.js';

t.test('a collection is created once, and put again it is the same', async (t) => {
  const { app } = await serving(t);
  const first = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: FILMS });
  t.equal(first.statusCode, 201);
  t.match(first.json(), { name: 'films', created: true });
  const second = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: FILMS });
  t.equal(second.statusCode, 200);
  t.match(second.json(), { name: 'films', created: false });
});

t.test('of clients that put one collection at the same time, one creates it', async (t) => {
  const { app } = await serving(t);
  const put = () => app.inject({ method: 'PUT', url: '/v1/collections/films', payload: FILMS });
  const statuses = (await Promise.all([put(), put(), put(), put()])).map(({ statusCode }) => statusCode);
  t.strictSame(statuses.sort(), [200, 200, 200, 201]);
});

t.test('another schema is refused with its differences', async (t) => {
  const { app } = await servingFilms(t);
  const answer = await app.inject({
    method: 'PUT',
    url: '/v1/collections/films',
    payload: { fields: { title: 'text' } },
  });
  t.equal(answer.statusCode, 409);
  t.equal(answer.json().error.code, 'SCHEMA_MISMATCH');
  t.ok(answer.json().error.details.differences.includes('field year: stored, not given'));
});

t.test('the schema that a collection shows creates the same one', async (t) => {
  const { app } = await servingFilms(t);
  const shown = await app.inject('/v1/collections/films');
  t.equal(shown.json().stats.records, 2);
  t.equal(shown.json().stats.vectors.mine.count, 1);
  t.match(shown.json().stats.vectors.mine.segments, [{ kind: 'flat', vectors: 1 }]);
  t.strictSame(shown.json().stats.background, { running: false });
  const again = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: shown.json().schema });
  t.equal(again.statusCode, 200);
});

t.test('a vector may name an encoder for each of its fields', async (t) => {
  const { app } = await serving(t);
  const encoder = { title: 'text:letters', plot: 'text:letters' };
  const payload = {
    fields: { title: 'text', plot: 'text' },
    vectors: { v: { from: ['title', 'plot'], encoder, weights: { plot: 2 } } },
  };
  const put = await app.inject({ method: 'PUT', url: '/v1/collections/books', payload });
  t.equal(put.statusCode, 201);
  const { schema } = (await app.inject('/v1/collections/books')).json();
  t.match(schema.vectors.v, { encoder, combine: 'mean', weights: { title: 1, plot: 2 } });
  const again = await app.inject({ method: 'PUT', url: '/v1/collections/books', payload: schema });
  t.equal(again.statusCode, 200);
});

t.test('collections are listed by name and gone when they are dropped', async (t) => {
  const { app } = await servingFilms(t);
  await app.inject({ method: 'PUT', url: '/v1/collections/actors', payload: {} });
  t.strictSame((await app.inject('/v1/collections')).json(), { collections: ['actors', 'films'] });
  const dropped = await app.inject({ method: 'DELETE', url: '/v1/collections/films' });
  t.strictSame(dropped.json(), { name: 'films', dropped: true });
  t.strictSame((await app.inject('/v1/collections')).json(), { collections: ['actors'] });
  const again = await app.inject({ method: 'DELETE', url: '/v1/collections/films' });
  t.equal(again.statusCode, 404);
  t.equal(again.json().error.code, 'COLLECTION_NOT_FOUND');
});

const REFUSED: [what: string, body: object | undefined, code: string][] = [
  ['no body', undefined, 'INVALID_REQUEST'],
  ['an unknown option', { feilds: {} }, 'UNKNOWN_OPTION'],
  ['an unknown type', { fields: { a: 'txt' } }, 'INVALID_SCHEMA'],
  [
    'an encoder that is no name',
    { fields: { a: 'text' }, vectors: { v: { from: ['a'], encoder: { identity: { name: 'x' } } } } },
    'INVALID_SCHEMA',
  ],
  [
    'an encoder of a field that is no name',
    { fields: { a: 'text' }, vectors: { v: { from: ['a'], encoder: { a: { identity: { name: 'x' } } } } } },
    'INVALID_SCHEMA',
  ],
];

for (const [what, payload, code] of REFUSED) {
  t.test(`a schema with ${what} creates nothing`, async (t) => {
    const { app } = await serving(t);
    const answer = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload });
    t.equal(answer.statusCode, 400);
    t.equal(answer.json().error.code, code);
    t.strictSame((await app.inject('/v1/collections')).json(), { collections: [] });
  });
}

const OUTSIDE = ['text:hf/org/model', 'image:hf/./models/clip', 'audio:hf/org/model', 'text:http', 'text:http/ada'];

for (const encoder of OUTSIDE) {
  t.test(`a schema that names ${encoder} is refused, and nothing is asked of the hub`, async (t) => {
    const { app, db } = await serving(t);
    const fields = { title: 'text', plot: 'text' };
    for (const named of [encoder, { title: 'text:letters', plot: encoder }]) {
      const payload = { fields, vectors: { v: { from: ['title', 'plot'], encoder: named } } };
      const answer = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload });
      t.equal(answer.statusCode, 403, answer.body);
      t.match(answer.json().error, { code: 'MODEL_REFUSED', details: { field: 'v', received: encoder } });
    }
    t.strictSame(await db.collections(), []);
  });
}

/** An encoder that is known by the name of a model of the hub. */
class HubEncoder extends LettersEncoder {
  override readonly identity = { ...new LettersEncoder().identity, name: 'text:hf/org/model' };
}
const OF_HUB = {
  fields: { title: 'text' },
  vectors: { v: { from: ['title'], encoder: 'text:hf/org/model' } },
} as const;

t.test('a server that allows models takes their names', async (t) => {
  const { app } = await serving(t, { allowModels: true }, new HubEncoder());
  const answer = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: OF_HUB });
  t.equal(answer.statusCode, 201, answer.body);
});

t.test('a collection that has a model of the hub is written, searched and put again', async (t) => {
  const { app, db } = await serving(t, {}, new HubEncoder());
  await db.collection('films', OF_HUB);
  const again = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: OF_HUB });
  t.equal(again.statusCode, 200, again.body);
  const records = { method: 'POST', url: '/v1/collections/films/records', payload: [{ id: 1, title: 'aaa' }] } as const;
  t.equal((await app.inject(records)).statusCode, 200);
  const search = { method: 'POST', url: '/v1/collections/films/search', payload: { text: 'aaa' } } as const;
  t.equal((await app.inject(search)).json().hits.length, 1);
  const other = { ...OF_HUB, vectors: { v: { from: ['title'], encoder: 'text:hf/org/other' } } };
  const refused = await app.inject({ method: 'PUT', url: '/v1/collections/films', payload: other });
  t.equal(refused.json().error.code, 'MODEL_REFUSED');
});
