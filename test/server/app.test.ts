import { Packr } from 'msgpackr';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createApp } from '@nearfield/server';
import t from 'tap';
import { FILMS, serving, servingFilms } from './serving.js';

// Without moreTypes msgpackr writes the numbers of a Float32Array as if they were bytes.
const packr = new Packr({ moreTypes: true, useRecords: false });
const JSON_TYPE = 'application/json';
const SEARCH = '/v1/collections/films/search';

const BROKEN: [what: string, type: string | undefined, body: string | Buffer, status: number, code: string][] = [
  ['JSON that is cut off', JSON_TYPE, '{"text":', 400, 'MALFORMED_BODY'],
  ['JSON that is empty', JSON_TYPE, '', 400, 'MALFORMED_BODY'],
  ['JSON that sets a prototype', JSON_TYPE, '{"__proto__":{"a":1}}', 400, 'MALFORMED_BODY'],
  ['MessagePack that is cut off', 'application/msgpack', Buffer.from([0x81, 0xa4, 0x74]), 400, 'MALFORMED_BODY'],
  ['MessagePack that is empty', 'application/msgpack', Buffer.alloc(0), 400, 'MALFORMED_BODY'],
  ['text', 'text/plain', 'a', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a form', 'application/x-www-form-urlencoded', 'text=a', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['more than the limit', JSON_TYPE, JSON.stringify({ text: 'a'.repeat(2000) }), 413, 'BODY_TOO_LARGE'],
];

for (const [what, type, payload, status, code] of BROKEN) {
  t.test(`a body of ${what} is ${status} ${code}`, async (t) => {
    const { app } = await servingFilms(t, { bodyLimit: 1000 });
    const answer = await app.inject({
      method: 'POST',
      url: SEARCH,
      payload,
      headers: { 'content-type': type, accept: JSON_TYPE },
    });
    t.equal(answer.statusCode, status, answer.body);
    t.strictSame(Object.keys(answer.json()), ['error']);
    t.equal(answer.json().error.code, code);
    t.type(answer.json().error.message, 'string');
    t.type(answer.json().error.details, 'object');
  });
}

t.test('routes that are not there and URLs that are not well-formed have errors of the same shape', async (t) => {
  const { app } = await serving(t);
  const missing = await app.inject('/v2/collections?key=value');
  t.equal(missing.statusCode, 404);
  t.match(missing.json(), { error: { code: 'ROUTE_NOT_FOUND', message: 'There is no route GET /v2/collections' } });
  const malformed = await app.inject('/v1/collections/%zz');
  t.equal(malformed.statusCode, 400);
  t.equal(malformed.json().error.code, 'MALFORMED_REQUEST');
});

t.test('a real server creates, fills and searches a collection in JSON', async (t) => {
  const { app } = await serving(t);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const send = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(base + path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': JSON_TYPE },
    });
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  t.equal((await send('PUT', '/v1/collections/films', FILMS)).status, 201);
  t.strictSame((await send('POST', '/v1/collections/films/records', [{ id: 1, title: 'abc' }])).body, { count: 1 });
  t.match((await send('POST', SEARCH, { text: 'cab' })).body, { hits: [{ id: 1, record: { title: 'abc' } }] });
});

for (const type of ['application/msgpack', 'application/vnd.msgpack', 'application/x-msgpack']) {
  t.test(`a real server speaks MessagePack as ${type}`, async (t) => {
    const { app } = await serving(t);
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const send = async (method: string, path: string, body: unknown) => {
      const answer = await fetch(base + path, { method, body: packr.pack(body), headers: { 'content-type': type } });
      t.equal(answer.headers.get('content-type'), 'application/msgpack');
      return packr.unpack(Buffer.from(await answer.arrayBuffer()));
    };
    await send('PUT', '/v1/collections/films', FILMS);
    const vector = new Float32Array([1, 0.5, -0.25]);
    const released = new Date('1999-12-31T23:59:59.123Z');
    const spellings = [vector, Buffer.from(vector.buffer), Array.from(vector)];
    const records = spellings.map((mine, id) => ({
      id,
      title: 'abc',
      released,
      poster: Buffer.from([1, 2]),
      vectors: { mine },
    }));
    t.strictSame(await send('POST', '/v1/collections/films/records', { records }), { count: 3 });
    const { hits } = await send('POST', SEARCH, {
      near: { vector: 'mine', value: Buffer.from(vector.buffer) },
      vectors: true,
    });
    t.equal(hits.length, 3);
    for (const { record } of hits) {
      t.strictSame(record.released, released);
      t.strictSame([...record.poster], [1, 2]);
      t.strictSame(Buffer.from(record.vectors.mine), Buffer.from(vector.buffer), 'little-endian float32');
    }
    t.equal((await send('POST', SEARCH, { text: 7 })).error.code, 'INVALID_QUERY');
  });
}

t.test('a request that is not HTTP is answered in the shape of all errors', async (t) => {
  const { app } = await serving(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.write('NONSENSE\r\n\r\n');
  const answer = await text(socket);
  t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  t.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error.code, 'MALFORMED_REQUEST');
});

t.test('options that createApp does not have, or not so, are refused', async (t) => {
  const { db } = await serving(t);
  t.throws(() => createApp(db, { apikey: 'x' } as object), { code: 'UNKNOWN_OPTION', message: /`apiKey`/ });
  t.throws(() => createApp(db, { apiKey: '' }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => createApp(db, { bodyLimit: 0 }), { code: 'INVALID_ARGUMENT' });
});
