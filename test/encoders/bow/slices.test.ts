import fc from 'fast-check';
import t from 'tap';
import { slices } from '@nearfield/encoders/internals/bow/slices';

t.test('slices follow each other without a gap, and none is longer than twice the length', async (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '。', '🙂', '漢'), maxLength: 80 });
  const property = fc.property(text, fc.integer({ min: 2, max: 20 }), (text, length) => {
    const all = [...slices(text, length)];
    return (
      all.join('') === text && all.every((slice) => slice.length <= 2 * length && slice.isWellFormed() && slice !== '')
    );
  });
  t.doesNotThrow(() => fc.assert(property, { seed: 15, numRuns: 1000 }));
});

t.test('a cut falls after white space or the end of a sentence', async (t) => {
  t.same([...slices('aaaa bbbb cccc', 5)], ['aaaa bbbb ', 'cccc']);
  t.same([...slices('東京都東。京都', 3)], ['東京都東。', '京都']);
});
