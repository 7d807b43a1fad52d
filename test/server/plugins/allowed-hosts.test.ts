import t from 'tap';
import { serving } from '../serving.js';

const HOSTS: [host: string, status: number][] = [
  ['localhost', 200],
  ['localhost:7350', 200],
  ['LOCALHOST:80', 200],
  ['[::1]:7350', 200],
  ['localhost.evil.example', 421],
  ['evil.example:7350', 421],
  ['127.0.0.1', 421],
];

for (const [host, status] of HOSTS) {
  t.test(`a server of localhost and [::1] answers a request to ${host} with ${status}`, async (t) => {
    const { app } = await serving(t, { allowedHosts: ['localhost', '[::1]'] });
    const answer = await app.inject({ url: '/v1/collections', headers: { host } });
    t.equal(answer.statusCode, status);
    if (status === 421) t.equal(answer.json().error.code, 'HOST_REFUSED');
  });
}
