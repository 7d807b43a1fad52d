// A process that opens a finished index, asks some queries, and gives its resident bytes then, and what the engine says
// that it holds.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineOf } from '../adapters/engines.mjs';

const [{ label, options, queries, k }] = await once(process, 'message');
const index = await engineOf(label).adapter.open(options);
for (const query of queries) await index.search(query, k);
// What loading left behind is collected, and its pages given back, before the count.
for (let i = 0; i < 5; i++) {
  globalThis.gc();
  await sleep(100);
}
const resident = process.memoryUsage().rss;
const stated = await index.memoryBytes?.();
await index.close();
process.send({ resident, stated }, () => process.disconnect());
