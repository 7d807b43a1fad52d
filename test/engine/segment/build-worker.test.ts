import t from 'tap';
import { HnswIndex, type HnswLayout } from '@nearfield/engine/internals/indexes/index';
import { reachable } from '../indexes/hnsw/graph-checks.js';
import { VECTORS, openSmall } from './small-segments.js';

t.test(
  'every vector of a segment is reached, built or merged, though under dot all links lead to long ones',
  async (t) => {
    for (const quantization of ['none', 'int8', 'binary'] as const) {
      const db = await openSmall(':memory:');
      t.teardown(() => db.close());
      const v = { dimensions: 8, metric: 'dot', quantization, hnsw: { m: 4, efConstruction: 20 } } as const;
      const rows = await db.collection('rows', { vectors: { v } });
      const { pool } = db.context.builder;
      const run = pool.run.bind(pool);
      const finished: HnswLayout[] = [];
      pool.run = async (task) => {
        const answer = await run(task);
        if (answer.kind === 'done' && answer.result.kind === 'finished') finished.push(answer.result.layout);
        return answer;
      };
      for (const [first, end] of [
        [0, 900],
        [900, 1500],
      ]) {
        const lengths = VECTORS.slice(first, end).map((vector, i) => vector.map((value) => value * (1 + (i % 7))));
        await rows.upsert(lengths.map((vector, i) => ({ id: first + i, vectors: { v: vector } })));
        await db.optimize();
        const { header, graph } = HnswIndex.attach(finished[finished.length - 1]);
        t.equal(header.count, end, quantization);
        t.equal(reachable(graph), end, quantization);
      }
    }
  },
);
