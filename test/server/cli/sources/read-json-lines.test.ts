import { readJsonLines } from '@nearfield/server/internals/cli/sources/read-json-lines';
import fc from 'fast-check';
import t from 'tap';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string, sizes: readonly number[] = [7]) {
  const items: unknown[] = [];
  let bytes = 0;
  const input = chunksOf(Buffer.from(text), sizes);
  for await (const item of readJsonLines(input, 'f', { onBytes: (count) => (bytes += count) })) {
    items.push(item.kind === 'record' ? [item.origin.line, item.record] : [item.kind]);
  }
  return { items, bytes };
}

t.test('lines are the same wherever the stream is cut, in the middle of a character too', async (t) => {
  const text = '{"a":"ü星😀"}\r\n\n  \n{"b":2}\n{"c":3}';
  const expected = [
    [1, { a: 'ü星😀' }],
    [4, { b: 2 }],
    [5, { c: 3 }],
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
      t.strictSame((await read(text, sizes)).items, expected);
    }),
    { seed: 8, numRuns: 50, verbose: true },
  );
});

t.test('a byte order mark is no part of the first record', async (t) => {
  t.strictSame((await read('\ufeff{"a":1}\n')).items, [[1, { a: 1 }]]);
});

t.test('an empty stream has no records', async (t) => {
  t.strictSame(await read(''), { items: [], bytes: 0 });
});

t.test('a broken line does not end the reading', async (t) => {
  t.strictSame((await read('{\n{"a":1}\n"text"\n')).items, [['failure'], [2, { a: 1 }], ['failure']]);
});

t.test('every byte is reported once', async (t) => {
  t.equal((await read('{"a":1}\n\n{"b":2}\n')).bytes, 17);
});
