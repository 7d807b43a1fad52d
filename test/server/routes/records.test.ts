import { Packr } from 'msgpackr';
import t from 'tap';
import { servingFilms } from '../serving.js';

const RECORDS = '/v1/collections/films/records';

t.test('records are upserted as a list or under `records`', async (t) => {
  const { app, films } = await servingFilms(t);
  const list = await app.inject({
    method: 'POST',
    url: RECORDS,
    payload: [
      { id: 2, title: 'ccc' },
      { id: 3, title: 'ddd' },
    ],
  });
  t.strictSame(list.json(), { count: 2 });
  const object = await app.inject({ method: 'POST', url: RECORDS, payload: { records: [{ id: 4, title: 'eee' }] } });
  t.strictSame(object.json(), { count: 1 });
  t.equal(await films.count(), 5);
});

t.test('one bad record leaves the whole body out', async (t) => {
  const { app, films } = await servingFilms(t);
  const payload = [
    { id: 2, title: 'ccc' },
    { id: 3, year: 'soon' },
  ];
  const answer = await app.inject({ method: 'POST', url: RECORDS, payload });
  t.equal(answer.statusCode, 400);
  t.match(answer.json().error, { code: 'INVALID_FIELD', details: { record: 3, field: 'year' } });
  t.equal(await films.count(), 2);
});

t.test('the number 1 and the string "1" are different records', async (t) => {
  const { app } = await servingFilms(t);
  t.equal((await app.inject(`${RECORDS}/1`)).json().title, 'bbb');
  t.equal((await app.inject(`${RECORDS}/1?type=string`)).json().title, 'bbb');
  const number = (await app.inject(`${RECORDS}/1?type=integer`)).json();
  t.strictSame([number.id, number.title], [1, 'aaa']);
});

t.test('an id may hold any character that is encoded in the path', async (t) => {
  const { app } = await servingFilms(t);
  const id = `a/b?c=ü&星${'x'.repeat(500)}`;
  await app.inject({ method: 'POST', url: RECORDS, payload: [{ id, title: 'odd' }] });
  t.equal((await app.inject(`${RECORDS}/${encodeURIComponent(id)}`)).json().id, id);
});

t.test('a record that is not there is 404, with the way to ask for a number', async (t) => {
  const { app } = await servingFilms(t);
  const missing = await app.inject(`${RECORDS}/7`);
  t.equal(missing.statusCode, 404);
  t.equal(missing.json().error.code, 'RECORD_NOT_FOUND');
  t.match(missing.json().error.message, /\?type=integer/);
});

for (const query of ['type=number', 'typ=integer', 'vectors=1']) {
  t.test(`the query string ${query} is refused`, async (t) => {
    const { app } = await servingFilms(t);
    const answer = await app.inject(`${RECORDS}/1?${query}`);
    t.equal(answer.statusCode, 400);
    t.equal(answer.json().error.code, 'INVALID_REQUEST');
  });
}

for (const id of ['1.0', '01', '-1', 'one', '9007199254740993']) {
  t.test(`${id} is not an integer id`, async (t) => {
    const { app } = await servingFilms(t);
    t.equal((await app.inject(`${RECORDS}/${id}?type=integer`)).json().error.code, 'INVALID_REQUEST');
  });
}

t.test('JSON carries vectors as numbers, dates as ISO 8601 and bytes as base64, both ways', async (t) => {
  const { app } = await servingFilms(t);
  const record = {
    id: 'wire',
    title: 'zzz',
    released: '2001-02-03T04:05:06.000Z',
    poster: { base64: Buffer.from([0, 255, 128]).toString('base64') },
    extra: { deep: [1, null, { x: 'y' }] },
    vectors: { mine: [0.5, -2, 0.25] },
  };
  await app.inject({ method: 'POST', url: RECORDS, payload: [record] });
  const { vectors, ...answer } = (await app.inject(`${RECORDS}/wire?vectors=true`)).json();
  t.strictSame({ ...answer, vectors: { mine: vectors.mine } }, record);
});

t.test('JSON carries several vectors as a list of arrays, both ways, and a hit its part', async (t) => {
  const { app } = await servingFilms(t);
  const mine = [
    [0.5, -2, 0.25],
    [0, 1, 0],
  ];
  const answer = await app.inject({ method: 'POST', url: RECORDS, payload: [{ id: 'many', vectors: { mine } }] });
  t.equal(answer.statusCode, 200, answer.body);
  t.strictSame((await app.inject(`${RECORDS}/many?vectors=true`)).json().vectors, { mine });
  const near = { vector: 'mine', value: [0, 3, 0] };
  const found = await app.inject({ method: 'POST', url: '/v1/collections/films/search', payload: { near, limit: 1 } });
  const [{ id, scores }] = found.json().hits;
  t.strictSame([id, scores], ['many', { mine: { score: 1, rank: 1, part: 1 } }]);
});

for (const [what, list] of Object.entries({
  bytes: (vectors: Float32Array[]) => vectors.map(({ buffer }) => Buffer.from(buffer)),
  'typed arrays': (vectors: Float32Array[]) => vectors,
  arrays: (vectors: Float32Array[]) => vectors.map((vector) => [...vector]),
})) {
  t.test(`MessagePack takes several vectors as ${what}, and gives them as bytes`, async (t) => {
    const { app } = await servingFilms(t);
    const packr = new Packr({ moreTypes: true, useRecords: false });
    const vectors = [Float32Array.of(0.5, -2, 0.25), Float32Array.of(0, 1, 0)];
    const headers = { 'content-type': 'application/msgpack' };
    const payload = packr.pack([{ id: 'many', vectors: { mine: list(vectors) } }]);
    const answer = await app.inject({ method: 'POST', url: RECORDS, payload, headers });
    t.equal(answer.statusCode, 200);
    const accept = 'application/msgpack';
    const read = await app.inject({ url: `${RECORDS}/many?vectors=true`, headers: { accept } });
    const { mine } = (packr.unpack(read.rawPayload) as { vectors: { mine: Uint8Array[] } }).vectors;
    t.strictSame(
      mine.map((bytes) => new Float32Array(Uint8Array.from(bytes).buffer)),
      vectors,
    );
  });
}

const BAD_RECORDS: [what: string, record: object, status: number, code: string][] = [
  ['a path for an image', { id: 1, poster: '/etc/passwd' }, 403, 'LOCAL_PATH_REFUSED'],
  ['a file URL for an image', { id: 1, poster: 'file:///etc/passwd' }, 403, 'LOCAL_PATH_REFUSED'],
  ['base64 without its padding', { id: 1, poster: { base64: 'AQI' } }, 400, 'INVALID_INPUT'],
  ['base64 of another alphabet', { id: 1, poster: { base64: 'A_I=' } }, 400, 'INVALID_INPUT'],
  ['another key than base64', { id: 1, poster: { base46: 'AQID' } }, 400, 'UNKNOWN_OPTION'],
  ['a vector with null', { id: 1, vectors: { mine: [1, null, 2] } }, 400, 'INVALID_VECTOR'],
  ['a vector of strings', { id: 1, vectors: { mine: ['1', '2', '3'] } }, 400, 'INVALID_VECTOR'],
  ['a vector beyond float32', { id: 1, vectors: { mine: [1e300, 1, 1] } }, 400, 'INVALID_VECTOR'],
  ['a vector that is text', { id: 1, vectors: { mine: 'abc' } }, 400, 'INVALID_VECTOR'],
  ['a vector too short', { id: 1, vectors: { mine: [1, 2] } }, 400, 'DIMENSION_MISMATCH'],
  ['no vectors in a list', { id: 1, vectors: { mine: [] } }, 400, 'INVALID_VECTOR'],
  ['a list of a vector and a number', { id: 1, vectors: { mine: [[1, 2, 3], 4] } }, 400, 'INVALID_VECTOR'],
  ['a list of a vector and null', { id: 1, vectors: { mine: [[1, 2, 3], null] } }, 400, 'INVALID_VECTOR'],
  ['a list of lists of vectors', { id: 1, vectors: { mine: [[[1, 2, 3]]] } }, 400, 'INVALID_VECTOR'],
  ['a vector too short in a list', { id: 1, vectors: { mine: [[1, 2, 3], [1]] } }, 400, 'DIMENSION_MISMATCH'],
  ['a vector of zeros', { id: 1, vectors: { mine: [0, 0, 0] } }, 400, 'ZERO_VECTOR'],
  ['a vector of no such name', { id: 1, vectors: { min: [1, 2, 3] } }, 400, 'UNKNOWN_VECTOR'],
  ['an id of the wrong kind', { id: true }, 400, 'INVALID_ID'],
  ['a lone surrogate', { id: 1, title: '\ud800' }, 400, 'INVALID_TEXT'],
];

for (const [what, record, status, code] of BAD_RECORDS) {
  t.test(`${what} is refused with ${code}`, async (t) => {
    const { app, films } = await servingFilms(t);
    const answer = await app.inject({ method: 'POST', url: RECORDS, payload: [record] });
    t.equal(answer.statusCode, status, answer.body);
    t.equal(answer.json().error.code, code);
    t.match(await films.get(1), { title: 'aaa' }, 'nothing changed');
  });
}

t.test('records that are wrong are left out when that is asked for, and told by their places', async (t) => {
  const { app, films } = await servingFilms(t);
  const payload = [
    { id: 2, vectors: { mine: [1, null, 2] } },
    { id: 3, title: 'ccc' },
    { id: 4, year: 'soon' },
    { id: 5, poster: { base64: 'AQI' } },
    'not a record',
    { id: 6, title: 'ddd' },
  ];
  const answer = await app.inject({ method: 'POST', url: `${RECORDS}?onError=skip`, payload });
  t.equal(answer.statusCode, 200, answer.body);
  const { count, skippedCount, skipped } = answer.json();
  t.strictSame([count, skippedCount], [2, 4]);
  t.match(skipped, [
    { id: 2, position: 0, code: 'INVALID_VECTOR' },
    { id: 4, position: 2, code: 'INVALID_FIELD' },
    { id: 5, position: 3, code: 'INVALID_INPUT' },
    { position: 4, code: 'INVALID_RECORD' },
  ]);
  t.match(await films.get(6), { title: 'ddd' });
  t.equal(await films.count(), 4);
});

t.test('a path is refused even when wrong records are skipped', async (t) => {
  const { app, films } = await servingFilms(t);
  const payload = [
    { id: 2, title: 'ccc' },
    { id: 3, poster: '/etc/passwd' },
  ];
  const answer = await app.inject({ method: 'POST', url: `${RECORDS}?onError=skip`, payload });
  t.equal(answer.statusCode, 403);
  t.equal(await films.count(), 2);
  const wrong = await app.inject({ method: 'POST', url: `${RECORDS}?onError=ignore`, payload: [] });
  t.equal(wrong.json().error.code, 'INVALID_REQUEST');
});

t.test('a server that allows local paths takes them', async (t) => {
  const { app, films } = await servingFilms(t, { allowLocalPaths: true });
  const answer = await app.inject({ method: 'POST', url: RECORDS, payload: [{ id: 5, poster: '/tmp/p.png' }] });
  t.equal(answer.statusCode, 200);
  t.match(await films.get(5), { poster: '/tmp/p.png' });
});

t.test('records are deleted by ids or by a filter, and counted', async (t) => {
  const { app } = await servingFilms(t);
  const count = async (body?: object) =>
    (await app.inject({ method: 'POST', url: '/v1/collections/films/count', payload: body })).json();
  t.strictSame(await count(), { count: 2 });
  t.strictSame(await count({ filter: { year: { $gte: 1995 } } }), { count: 1 });
  const byId = await app.inject({ method: 'DELETE', url: RECORDS, payload: { ids: ['1', 'none'] } });
  t.strictSame(byId.json(), { count: 1 });
  const byFilter = await app.inject({ method: 'DELETE', url: RECORDS, payload: { filter: { genres: 'drama' } } });
  t.strictSame(byFilter.json(), { count: 1 });
  t.strictSame(await count({}), { count: 0 });
});

t.test('values are counted, in all records or in those that pass a filter', async (t) => {
  const { app } = await servingFilms(t);
  const facets = async (payload?: object) =>
    (await app.inject({ method: 'POST', url: '/v1/collections/films/facets', payload })).json();
  const { facets: all } = await facets({ field: 'genres' });
  t.ok(all.length > 0 && all.every(({ count }: { count: number }) => count > 0));
  const { facets: few } = await facets({ field: 'genres', filter: { year: { $lt: 1995 } }, limit: 1 });
  t.equal(few.length, 1);
  t.equal((await facets({ field: 'plot' })).error.code, 'INVALID_ARGUMENT');
  t.equal((await facets({})).error.code, 'INVALID_ARGUMENT');
  t.equal((await facets({ field: 'genres', size: 1 })).error.code, 'UNKNOWN_OPTION');
});

for (const body of [{}, { ids: [1], filter: {} }, { ids: 1 }, [1]]) {
  t.test(`a delete of ${JSON.stringify(body)} deletes nothing`, async (t) => {
    const { app, films } = await servingFilms(t);
    const answer = await app.inject({ method: 'DELETE', url: RECORDS, payload: body });
    t.equal(answer.statusCode, 400);
    t.equal(answer.json().error.code, 'INVALID_REQUEST');
    t.equal(await films.count(), 2);
  });
}

t.test('an unknown key of a body suggests the nearest', async (t) => {
  const { app } = await servingFilms(t);
  const answer = await app.inject({ method: 'DELETE', url: RECORDS, payload: { filer: {} } });
  t.equal(answer.json().error.code, 'UNKNOWN_OPTION');
  t.match(answer.json().error.message, /`filter`/);
});
