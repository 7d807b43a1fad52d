// A thread that inserts nodes until none is left, then says how many.
import { parentPort, workerData } from 'node:worker_threads';
import { HnswIndex } from '@nearfield/engine/internals/indexes/index';

const index = HnswIndex.attach(workerData.layout);
let total = 0;
for (let taken = -1; taken !== 0; total += taken) taken = index.insert(workerData.walker, 10);
parentPort.postMessage(total);
