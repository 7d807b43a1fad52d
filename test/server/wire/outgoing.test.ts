import { outgoing } from '@nearfield/server/internals/wire/outgoing';
import t from 'tap';

const VALUE = {
  vector: new Float32Array([1, 0.5]),
  bytes: new Uint8Array([1, 2, 3]),
  at: new Date(0),
  absent: undefined,
  nothing: null,
  list: [{ at: new Date(0) }, new Set(['a'])],
};

t.test('JSON has arrays of numbers, base64 and ISO 8601', async (t) => {
  t.strictSame(outgoing(VALUE, 'json'), {
    vector: [1, 0.5],
    bytes: { base64: 'AQID' },
    at: '1970-01-01T00:00:00.000Z',
    nothing: null,
    list: [{ at: '1970-01-01T00:00:00.000Z' }, ['a']],
  });
});

t.test('MessagePack has bytes, and dates as they are', async (t) => {
  t.strictSame(outgoing(VALUE, 'msgpack'), {
    vector: new Uint8Array([0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f]),
    bytes: new Uint8Array([1, 2, 3]),
    at: new Date(0),
    nothing: null,
    list: [{ at: new Date(0) }, ['a']],
  });
});
