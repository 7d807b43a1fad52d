// Threads and processes that tests start run compiled code. The loaders of the test runner, which they would inherit, take
// several times as long in each of them as their own start.
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';
import processOnSpawn from 'process-on-spawn';

threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, { execArgv: [], ...options });
  }
};
syncBuiltinESMExports();

// Behind the listener by which the runner puts them there.
delete process.env.NODE_OPTIONS;
processOnSpawn.addListener((spawning) => {
  delete spawning.env.NODE_OPTIONS;
});
