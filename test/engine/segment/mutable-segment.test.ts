import t from 'tap';
import { MutableSegment } from '@nearfield/engine/internals/segment/index';
import { parseSchema } from '@nearfield/engine/internals/schema/index';

t.test('room is made for every vector of a record before it is appended', async (t) => {
  const dimensions = 65_536;
  const segment = new MutableSegment({
    id: 1,
    name: 'rows',
    schema: parseSchema({ vectors: { v: { dimensions, metric: 'dot' } } }),
    spaces: [{ id: 1, name: 'v', kind: 'dense', dimensions, metric: 'dot', encoder: undefined }],
  });
  const record = { id: 1, payload: {}, vectors: new Map([['v', new Float32Array(150 * dimensions)]]) };
  segment.reserve([record]);
  const index = segment.dense.get('v');
  const reserved = index?.bytes;
  segment.append({ ...record, key: 1 });
  t.equal(index?.size, 150);
  t.equal(index?.bytes, reserved, 'appending takes no more');
});
