import fc from 'fast-check';
import t from 'tap';
import { Bitset } from '@nearfield/engine/internals/indexes/bitset';

const SEED = Number(process.env.NEARFIELD_SEED ?? 11);
const bit = fc.integer({ min: 0, max: 300 });
const change = fc.record({ add: fc.boolean(), bit });

function build(changes: readonly { add: boolean; bit: number }[], capacity: number): [Bitset, Set<number>] {
  const [bitset, set] = [new Bitset(capacity), new Set<number>()];
  for (const { add, bit } of changes) {
    if (add) bitset.add(bit);
    else bitset.delete(bit);
    if (add) set.add(bit);
    else set.delete(bit);
  }
  return [bitset, set];
}

const sorted = (set: Iterable<number>) => [...set].sort((a, b) => a - b);

t.test(`a bitset holds what a Set holds (NEARFIELD_SEED=${SEED})`, async (t) => {
  const built = fc.tuple(fc.array(change), fc.nat(200));
  const property = fc.property(built, built, fc.nat(400), (left, right, length) => {
    const [a, setA] = build(...left);
    const [b, setB] = build(...right);
    const copy = a.clone();
    const words = a.clone().words(length);
    const wordsHold = words.length === Math.ceil(length / 32) && words.every((word, i) => word === wordOf(setA, i));
    const both = copy.clone().intersect(b).toArray();
    const either = copy.clone().unite(b).toArray();
    for (const bit of [0, 1, 31, 32, 63, 64, 299, 300, 5000]) if (a.has(bit) !== setA.has(bit)) return false;
    copy.add(777);
    return (
      wordsHold &&
      !a.has(777) &&
      a.count() === setA.size &&
      String([...a.toArray()]) === String(sorted(setA)) &&
      String([...both]) === String(sorted(setA).filter((bit) => setB.has(bit))) &&
      String([...either]) === String(sorted(new Set([...setA, ...setB])))
    );
  });
  t.doesNotThrow(() => fc.assert(property, { seed: SEED, numRuns: 500 }));
});

function wordOf(set: ReadonlySet<number>, i: number): number {
  let word = 0;
  for (const bit of set) if (bit >>> 5 === i) word |= 1 << (bit & 31);
  return word >>> 0;
}

t.test('the words that are handed out are shared, and zero behind the last bit', async (t) => {
  const bitset = new Bitset();
  bitset.add(3);
  t.same([...bitset.words(100)], [8, 0, 0, 0]);
  t.same([...bitset.words(0)], []);
  bitset.words(100)[2] = 1;
  t.ok(bitset.has(64));
});
