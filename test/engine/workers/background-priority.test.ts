import t from 'tap';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

const MODULE = new URL('../../../packages/engine/dist/workers/background-priority.js', import.meta.url).href;

t.test('a thread in the background gives way, and the rest of the process does not', async (t) => {
  const before = getPriority();
  const code = `
    import { getPriority } from 'node:os';
    import { parentPort } from 'node:worker_threads';
    import { runInBackground } from ${JSON.stringify(MODULE)};
    runInBackground();
    parentPort.postMessage(getPriority());
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { execArgv: [] });
  const inBackground = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  t.equal(getPriority(), before);
  t.equal(inBackground, process.platform === 'linux' ? Math.max(before, 10) : before);
});
