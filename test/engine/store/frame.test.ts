import t from 'tap';
import {
  FRAME_HEADER_BYTES,
  decodeFrame,
  encodeFrame,
  type FrameHeader,
} from '@nearfield/engine/internals/store/frame';

const HEADER: FrameHeader = {
  kind: 'image',
  metric: 'euclidean',
  quantization: 'int8',
  dimensions: 384,
  count: 123_456,
  m: 16,
  efConstruction: 200,
  chunk: 2,
  chunks: 7,
  commit: 2 ** 40 + 1,
  segment: 4_000_000_000,
};
const PAYLOAD = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) % 251);

t.test('a frame gives back what it was made of', async (t) => {
  for (const payload of [PAYLOAD, new Uint8Array()]) {
    for (const kind of ['image', 'description'] as const) {
      const frame = decodeFrame(encodeFrame({ ...HEADER, kind }, payload));
      t.strictSame({ ...frame, payload: [...frame.payload] }, { header: { ...HEADER, kind }, payload: [...payload] });
    }
  }
});

t.test('a frame is read at any offset of a buffer', async (t) => {
  const bytes = encodeFrame(HEADER, PAYLOAD);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  t.same([...decodeFrame(shifted.subarray(3)).payload], [...PAYLOAD]);
});

t.test('no bit of a frame can change without notice', async (t) => {
  const bytes = encodeFrame(HEADER, PAYLOAD);
  const unchecked: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[at] ^= 1 << bit;
      try {
        decodeFrame(changed);
        unchecked.push(at);
      } catch (error) {
        if ((error as { code: string }).code !== 'CORRUPT') throw error;
      }
    }
  }
  // The header ends with zeros that mean nothing.
  t.ok(
    unchecked.every((at) => at >= 60 && at < FRAME_HEADER_BYTES),
    'all that means something',
    { unchecked },
  );
});

t.test('a frame that is cut or prolonged is refused, and so is what is none', async (t) => {
  const bytes = encodeFrame(HEADER, PAYLOAD);
  for (let length = 0; length < bytes.length; length++) {
    t.throws(() => decodeFrame(bytes.subarray(0, length)), { code: 'CORRUPT' });
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  for (const other of [longer, new Uint8Array(200), 'text', null, undefined, 7]) {
    t.throws(() => decodeFrame(other), { code: 'CORRUPT' });
  }
});
