import t from 'tap';
import { FIELD_TYPES, type FieldType } from '@nearfield/engine/internals/schema/field-type';
import { createColumn } from '@nearfield/engine/internals/indexes/index';

const VALUES: Readonly<Record<FieldType, readonly unknown[]>> = {
  text: ['a', ''],
  image: ['/a.png', Uint8Array.of(1)],
  audio: ['/a.wav', Uint8Array.of(1)],
  integer: [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  float: [0, -0.5, 1e308, 5e-324],
  boolean: [true, false],
  keyword: ['a', '', '映画', 'a'],
  'keyword[]': [['a', 'b'], [], ['a']],
  datetime: [new Date(0), new Date(-1), new Date(8.64e15)],
  geo: [
    [0, 0],
    [-180, 90],
  ],
  json: [{ a: [1] }, 'a', 5, false],
};

for (const type of FIELD_TYPES) {
  t.test(`a column of ${type} gives back its values and misses`, async (t) => {
    const column = createColumn(type);
    const expected: unknown[] = [];
    // Past the first capacity, with missing values in between and rows that are never appended.
    for (let row = 0; row < 1000; row++) {
      const value = row % 3 === 0 ? VALUES[type][(row / 3) % VALUES[type].length] : undefined;
      expected.push(value instanceof Date ? value.getTime() : value);
      if (row % 3 !== 1) column.append(row, value);
    }
    t.strictSame(
      expected.map((_, row) => column.read(row)),
      expected,
    );
    t.equal(column.read(5000), undefined);
    t.ok(column.bytes > 0);
  });
}
