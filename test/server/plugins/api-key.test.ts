import t from 'tap';
import { serving } from '../serving.js';

const KEY = 'correct horse battery staple';

const HEADERS: [what: string, authorization: string | undefined, status: number][] = [
  ['no header', undefined, 401],
  ['another key', 'Bearer wrong', 401],
  ['the beginning of the key', 'Bearer correct horse', 401],
  ['more than the key', `Bearer ${KEY}s`, 401],
  ['another scheme', `Basic ${KEY}`, 401],
  ['the key alone', KEY, 401],
  ['an empty key', 'Bearer ', 401],
  ['the key', `Bearer ${KEY}`, 200],
  ['the key in a scheme of small letters', `bearer ${KEY}`, 200],
];

for (const [what, authorization, status] of HEADERS) {
  t.test(`${what} is answered with ${status}`, async (t) => {
    const { app } = await serving(t, { apiKey: KEY });
    const answer = await app.inject({
      url: '/v1/collections',
      headers: authorization === undefined ? {} : { authorization },
    });
    t.equal(answer.statusCode, status);
    if (status === 200) return;
    t.equal(answer.json().error.code, 'UNAUTHORIZED');
    t.equal(answer.headers['www-authenticate'], 'Bearer');
    t.notMatch(answer.body, KEY);
  });
}

t.test('the health checks need no key, and routes that are not there do', async (t) => {
  const { app } = await serving(t, { apiKey: KEY });
  t.equal((await app.inject('/healthz')).statusCode, 200);
  t.equal((await app.inject('/readyz')).statusCode, 200);
  t.equal((await app.inject('/nothing')).statusCode, 401);
});

t.test('a request without the key is refused before its body is read', async (t) => {
  const { app } = await serving(t, { apiKey: KEY, bodyLimit: 10 });
  const payload = 'x'.repeat(1000);
  const answer = await app.inject({
    method: 'PUT',
    url: '/v1/collections/a',
    payload,
    headers: { 'content-type': 'text/plain' },
  });
  t.equal(answer.statusCode, 401);
});
