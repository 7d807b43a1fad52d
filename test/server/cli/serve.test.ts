import { once } from 'node:events';
import t from 'tap';
import { WORDS_SCHEMA, firstLine, folderOf, nearfield, start } from './command-line.js';

const JSON_HEADERS = { 'content-type': 'application/json' };

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`serve answers until ${signal}, then closes the database with what was written`, async (t) => {
    const folder = await folderOf(t, {});
    const child = start(t, folder, ['serve', 'db.nf', '--port', '0', '--json']);
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    const put = await fetch(`${url}/v1/collections/films`, {
      method: 'PUT',
      body: WORDS_SCHEMA,
      headers: JSON_HEADERS,
    });
    t.equal(put.status, 201);
    const body = JSON.stringify([{ id: 1, title: 'a small boat' }]);
    const post = await fetch(`${url}/v1/collections/films/records`, { method: 'POST', body, headers: JSON_HEADERS });
    t.strictSame(await post.json(), { count: 1 });
    const exited = once(child, 'exit');
    child.kill(signal);
    t.strictSame(await exited, [0, null]);
    const { out } = await nearfield(folder, ['search', 'db.nf', 'films', 'boats', '--json']);
    t.match(JSON.parse(out), { hits: [{ id: 1 }] });
  });
}

t.test('serve with an API key asks for it, under any host name', async (t) => {
  const folder = await folderOf(t, {});
  const child = start(t, folder, ['serve', 'db.nf', '--port', '0', '--api-key', 'secret']);
  const line = await firstLine(child);
  t.match(line, /^Nearfield serves db\.nf at http:\/\/127\.0\.0\.1:\d+$/);
  const url = line.slice(line.indexOf('http'));
  t.equal((await fetch(`${url}/v1/collections`)).status, 401);
  t.equal((await fetch(`${url}/v1/collections`, { headers: { authorization: 'Bearer secret' } })).status, 200);
});

t.test('a database that is served has one writer and any readers', async (t) => {
  const folder = await folderOf(t, { 'a.txt': 'words' });
  const child = start(t, folder, ['serve', 'db.nf', '--port', '0']);
  await firstLine(child);
  const writer = await nearfield(folder, ['ingest', 'db.nf', 'notes', 'a.txt']);
  t.equal(writer.code, 1);
  t.match(writer.err, /DATABASE_LOCKED/);
  const reader = await nearfield(folder, ['info', 'db.nf']);
  t.equal(reader.code, 0, reader.err);
});

t.test('serve --read-only refuses writes with READ_ONLY', async (t) => {
  const folder = await folderOf(t, { 'a.jsonl': '{"id":1,"title":"boat"}', 'schema.json': WORDS_SCHEMA });
  await nearfield(folder, ['ingest', 'db.nf', 'films', 'a.jsonl', '--schema', 'schema.json']);
  const child = start(t, folder, ['serve', 'db.nf', '--port', '0', '--read-only', '--json']);
  const { url } = JSON.parse(await firstLine(child)) as { url: string };
  const post = await fetch(`${url}/v1/collections/films/records`, {
    method: 'POST',
    body: '[{"id":2}]',
    headers: JSON_HEADERS,
  });
  t.equal(post.status, 403);
  t.match(await post.json(), { error: { code: 'READ_ONLY' } });
});
