// A process that opens a finished index and asks one query: the milliseconds from the call of open to the answer, and of
// that the milliseconds until it was open. Loading the engine's code is not counted.
import { once } from 'node:events';
import { engineOf } from '../adapters/engines.mjs';

const [{ label, options, query, k }] = await once(process, 'message');
const { adapter } = engineOf(label);
const started = performance.now();
const index = await adapter.open(options);
const open = performance.now();
const ids = await index.search(query, k);
const answered = performance.now();
await index.close();
process.send({ openMs: open - started, answeredMs: answered - started, ids: Array.from(ids) }, () =>
  process.disconnect(),
);
