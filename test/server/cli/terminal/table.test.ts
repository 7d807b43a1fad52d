import { displayWidth, fitWidth } from '@nearfield/server/internals/cli/terminal/display-width';
import { plainText } from '@nearfield/server/internals/cli/terminal/plain-text';
import { table } from '@nearfield/server/internals/cli/terminal/table';
import { countText, sizeText } from '@nearfield/server/internals/cli/terminal/amounts';
import fc from 'fast-check';
import t from 'tap';

const WIDTHS: [text: string, width: number][] = [
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['千と千尋', 8],
  ['한국', 4],
  ['😀', 2],
  ['（）', 4],
];

for (const [text, width] of WIDTHS) {
  t.test(`${JSON.stringify(text)} takes ${width} columns`, async (t) => {
    t.equal(displayWidth(text), width);
  });
}

t.test('a text that is cut fits, and says that it was cut', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
      const fitted = fitWidth(text, columns);
      return displayWidth(fitted) <= columns && (fitted === text || fitted.endsWith('…'));
    }),
    { seed: 7, numRuns: 500, verbose: true },
  );
  t.equal(fitWidth('千と千尋', 5), '千と…');
});

t.test('columns are aligned, and the last takes what is left', async (t) => {
  const columns = [{ heading: '#', align: 'right' }, { heading: 'id', width: 4 }, { heading: 'title' }] as const;
  const rows = [
    ['1', 'a', 'short'],
    ['10', 'abcdefgh', 'a title that is long'],
  ];
  t.strictSame(table(columns, rows, 20), [' #  id    title', ' 1  a     short', '10  abc…  a title t…']);
});

t.test('a text cannot steer the terminal', async (t) => {
  t.equal(plainText('a\u001b[31mred\u0007\r\nb\u202ec\u2028d'), 'a [31mred b c d');
  t.equal(plainText(7), '7');
  t.equal(plainText({ a: '\n' }), '{"a":"\\n"}');
});

t.test('counts and sizes read well', async (t) => {
  t.strictSame([0, 999, 1000, 1234567].map(countText), ['0', '999', '1 000', '1 234 567']);
  t.strictSame([0, 999, 1000, 1_500_000, 2e12].map(sizeText), ['0 bytes', '999 bytes', '1.0 KB', '1.5 MB', '2.0 TB']);
});
