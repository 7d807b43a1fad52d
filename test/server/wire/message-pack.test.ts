import { Packr } from 'msgpackr';
import { packBody, unpackBody } from '@nearfield/server/internals/wire/message-pack';
import fc from 'fast-check';
import t from 'tap';

const MALFORMED = { name: 'ServerError', code: 'MALFORMED_BODY' };

t.test('any JSON value survives the way out and in', async (t) => {
  const values = fc
    .jsonValue({ noUnicodeString: false })
    .filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(values, (value) => JSON.stringify(unpackBody(packBody(value))) === JSON.stringify(value)),
    { seed: 9, numRuns: 200, verbose: true },
  );
  t.pass('200 values');
});

t.test('bytes at random are a value or MALFORMED_BODY, never another error', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        unpackBody(Buffer.from(bytes));
        return true;
      } catch (error) {
        return (error as { code?: unknown }).code === MALFORMED.code;
      }
    }),
    { seed: 10, numRuns: 5000, verbose: true },
  );
  t.pass('5 000 bodies');
});

t.test('a body that is cut off anywhere is refused', async (t) => {
  const body = packBody({
    text: 'a'.repeat(40),
    list: [1, 2.5, -70000, null, true],
    bytes: Buffer.alloc(300),
    long: 2 ** 40,
  });
  t.doesNotThrow(() => unpackBody(body));
  for (let length = 0; length < body.length; length++) t.throws(() => unpackBody(body.subarray(0, length)), MALFORMED);
});

const HOSTILE: Record<string, Buffer> = {
  'an array that claims four thousand million members': Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 0x01]),
  'a map that claims more members than bytes follow': Buffer.from([0xdf, 0x00, 0x10, 0x00, 0x00, 0xa1, 0x61, 0x01]),
  'a string that claims more than follows': Buffer.from([0xdb, 0x00, 0x10, 0x00, 0x00, 0x61]),
  'arrays nested 10 000 deep': Buffer.alloc(10_000, 0x91),
  'a value and then another': Buffer.from([0x01, 0x02]),
  'the byte that is never used': Buffer.from([0xc1]),
  'a record structure of msgpackr': new Packr({ useRecords: true }).pack([{ a: 1 }, { a: 2 }]),
  'a set': new Packr({ moreTypes: true }).pack(new Set([1])),
  'a regular expression': new Packr({ moreTypes: true }).pack(/a/),
  'a typed array whose type is unknown': Buffer.from([0xc7, 0x02, 0x74, 0x63, 0x00]),
};

for (const [what, body] of Object.entries(HOSTILE)) {
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => unpackBody(body), MALFORMED);
  });
}

t.test('typed arrays, dates, undefined and 64-bit integers are read', async (t) => {
  const packr = new Packr({ moreTypes: true, useRecords: false });
  const value = { vector: new Float32Array([1, -0.5]), at: new Date(1e12 + 7), nothing: undefined };
  t.strictSame(unpackBody(packr.pack(value)), value);
  t.equal(unpackBody(Buffer.from([0xcf, 0, 0, 0, 0, 0, 0, 0, 5])), 5);
  t.equal(unpackBody(Buffer.from([0xd3, 255, 255, 255, 255, 255, 255, 255, 251])), -5);
});
