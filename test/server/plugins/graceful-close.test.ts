import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { HeldEncoder } from '../letters-encoder.js';
import { FILMS, serving } from '../serving.js';

async function connected(t: Test, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

t.test('a connection that asks for nothing does not hold up closing', async (t) => {
  const { app } = await serving(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = await connected(t, (app.server.address() as { port: number }).port);
  await app.inject('/healthz');
  const ended = text(socket);
  await app.close();
  t.equal(await ended, '');
});

t.test('a request on a connection from before closing is told that the server closes', async (t) => {
  const encoder = new HeldEncoder();
  const { app, db } = await serving(t, {}, encoder);
  await db.collection('films', FILMS);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = await connected(t, (app.server.address() as { port: number }).port);
  const headers = { 'content-type': 'application/json' };
  const begun = fetch(`${base}/v1/collections/films/search`, { method: 'POST', body: '{"text":"a"}', headers });
  await encoder.arrived;
  const closed = app.close();
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const answer = await text(socket);
  t.match(answer, /^HTTP\/1\.1 503 /);
  t.match(answer, /connection: close/i);
  t.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error.code, 'SHUTTING_DOWN');
  encoder.letGo();
  t.equal((await begun).status, 200);
  await closed;
});
