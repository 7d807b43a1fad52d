import t from 'tap';
import { countWords, intersectWords, subtractWords, uniteWords } from '@nearfield/engine/internals/indexes/bit-words';
import { seededRandom } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 17);
/** Done here, by the kernel in one slice, and in several; whole registers and not. */
const LENGTHS = [0, 1, 7, 255, 256, 257, 260, 1023, 65_535, 65_536, 65_537, 140_001];

t.test(`operations on words are those on their bits, however many there are (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const wordsOf = (length: number) => Uint32Array.from({ length }, () => Math.floor(random() * 2 ** 32));
  const operations = [
    { operate: intersectWords, expected: (a: number, b: number) => a & b },
    { operate: uniteWords, expected: (a: number, b: number) => a | b },
    { operate: subtractWords, expected: (a: number, b: number) => a & ~b },
  ];
  for (const length of LENGTHS) {
    // Two words more, which are not to be touched.
    const [a, b] = [wordsOf(length + 2), wordsOf(length + 2)];
    for (const { operate, expected } of operations) {
      const into = a.slice();
      operate(into, b, length);
      const wrong = into.findIndex((word, i) => word !== (i < length ? expected(a[i], b[i]) >>> 0 : a[i]));
      t.equal(wrong, -1, `${operate.name} of ${length} words`);
    }
    const bits = a.reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0);
    t.equal(countWords(a), bits, `the bits of ${length + 2} words`);
    // What an earlier call left in the kernel's memory does not count.
    t.equal(countWords(a.subarray(0, 257)), countWords(a.slice(0, 200)) + countWords(a.slice(200, 257)));
  }
});
