import t from 'tap';
import { HeldEncoder } from '../letters-encoder.js';
import { FILMS, serving } from '../serving.js';

const REQUEST = { method: 'POST', body: '{"text":"a"}', headers: { 'content-type': 'application/json' } };

for (const route of ['search', 'search/batch']) {
  t.test(`a client that goes away aborts its ${route}`, async (t) => {
    const encoder = new HeldEncoder();
    const { app, db } = await serving(t, {}, encoder);
    await db.collection('films', FILMS);
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const client = new AbortController();
    const body = route === 'search' ? REQUEST.body : `[${REQUEST.body}]`;
    const answer = fetch(`${base}/v1/collections/films/${route}`, { ...REQUEST, body, signal: client.signal });
    await encoder.arrived;
    client.abort();
    await t.rejects(answer, { name: 'AbortError' });
    await encoder.aborted;
    t.pass('the encoder was told');
  });
}

t.test('a search whose client stays is not aborted', async (t) => {
  const encoder = new HeldEncoder();
  const { app, db } = await serving(t, {}, encoder);
  const films = await db.collection('films', FILMS);
  encoder.letGo();
  await films.upsert([{ id: 1, title: 'a' }]);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const answer = await fetch(`${base}/v1/collections/films/search`, REQUEST);
  t.match(await answer.json(), { hits: [{ id: 1 }] });
});

t.test('a closing app finishes what it has begun, and takes nothing new', async (t) => {
  const encoder = new HeldEncoder();
  const { app, db } = await serving(t, {}, encoder);
  await db.collection('films', FILMS);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const begun = fetch(`${base}/v1/collections/films/search`, REQUEST);
  await encoder.arrived;
  const closed = app.close();
  await t.rejects(fetch(`${base}/healthz`), { name: 'TypeError' });
  encoder.letGo();
  const answer = await begun;
  t.equal(answer.status, 200);
  t.match(await answer.json(), { hits: [] });
  await closed;
});
