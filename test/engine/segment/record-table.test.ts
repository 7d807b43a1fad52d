import t from 'tap';
import { MemoryBudget, POLICY_LIMITS, RecordTable, VectorSegments } from '@nearfield/engine/internals/segment/index';
import { parseSchema } from '@nearfield/engine/internals/schema/index';

t.test('room is made for every vector of a record before it is appended', async (t) => {
  const dimensions = 65_536;
  const space = { id: 1, name: 'v', kind: 'dense', dimensions, metric: 'dot', encoder: undefined } as const;
  const table = new RecordTable({
    id: 1,
    name: 'rows',
    schema: parseSchema({ vectors: { v: { dimensions, metric: 'dot' } } }),
    spaces: [space],
  });
  const segments = new VectorSegments(space, POLICY_LIMITS.flatBytes, new MemoryBudget(Infinity));
  table.dense = new Map([['v', segments]]);
  const record = { id: 1, payload: {}, vectors: new Map([['v', new Float32Array(150 * dimensions)]]) };
  table.reserve([record]);
  const reserved = segments.bytes;
  table.append({ ...record, key: 1 });
  t.equal(segments.size, 150);
  t.equal(segments.bytes, reserved, 'appending takes no more');
});
