import { incomingVector, incomingVectors } from '@nearfield/server/internals/wire/incoming-vector';
import t from 'tap';

const NUMBERS = [1, -0.5, 0.25];
const SPELLINGS: Record<string, unknown> = {
  numbers: NUMBERS,
  'a Float32Array': new Float32Array(NUMBERS),
  'a Float64Array': new Float64Array(NUMBERS),
  bytes: new Uint8Array(new Float32Array(NUMBERS).buffer),
  'bytes that are not aligned': Buffer.concat([
    Buffer.alloc(1),
    Buffer.from(new Float32Array(NUMBERS).buffer),
  ]).subarray(1),
};

for (const [what, value] of Object.entries(SPELLINGS)) {
  t.test(`a vector comes as ${what}`, async (t) => {
    t.strictSame(incomingVector(value, 'v', { field: 'v' }), new Float32Array(NUMBERS));
  });
}

for (const value of ['abc', 7, true, {}, [1, '2'], [[1]], [null], new Uint8Array(5), new BigInt64Array(2)]) {
  t.test(
    `${JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? `${member}n` : member))} is no vector`,
    async (t) => {
      t.throws(() => incomingVector(value, 'v', { field: 'v' }), { code: 'INVALID_VECTOR', details: { field: 'v' } });
    },
  );
}

for (const [what, value] of Object.entries(SPELLINGS)) {
  t.test(`several vectors come as a list of ${what}, one as it is`, async (t) => {
    const vector = new Float32Array(NUMBERS);
    t.strictSame(incomingVectors([value, NUMBERS], 'v', { field: 'v' }), [vector, vector]);
    t.strictSame(incomingVectors([value], 'v', { field: 'v' }), [vector]);
    t.strictSame(incomingVectors(value, 'v', { field: 'v' }), vector);
  });
}

t.test('an error in one of several vectors names the part', async (t) => {
  t.throws(() => incomingVectors([NUMBERS, ['x']], 'Vector `v`', { field: 'v' }), {
    code: 'INVALID_VECTOR',
    message: /^Part 1 of vector `v` is not a vector/,
    details: { field: 'v', part: 1 },
  });
});
