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
    const rest = copy.clone().subtract(b);
    const listed = Bitset.ofList(Uint32Array.from(setA), 301);
    const counts = [a, b, listed, rest].map((each) => [each.count(), each.clone().count(), each.toArray().length]);
    if (counts.some(([count, ...others]) => others.some((other) => other !== count))) return false;
    for (const bit of [0, 1, 31, 32, 63, 64, 299, 300, 5000]) if (a.has(bit) !== setA.has(bit)) return false;
    copy.add(777);
    return (
      wordsHold &&
      !a.has(777) &&
      a.count() === setA.size &&
      String([...a.toArray()]) === String(sorted(setA)) &&
      String([...both]) === String(sorted(setA).filter((bit) => setB.has(bit))) &&
      String([...rest.toArray()]) === String(sorted(setA).filter((bit) => !setB.has(bit))) &&
      String([...listed.toArray()]) === String(sorted(setA)) &&
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

t.test('a set of all bits below an end holds these and no other', async (t) => {
  for (const end of [0, 1, 31, 32, 33, 64, 95]) {
    const set = Bitset.below(end);
    t.strictSame(
      [...set.toArray()],
      Array.from({ length: end }, (_, bit) => bit),
    );
    t.equal(set.count(), end);
    t.equal(Bitset.of(set.words(100)).count(), end);
  }
});

t.test('the words that are handed out are shared, and zero behind the last bit', async (t) => {
  const bitset = new Bitset();
  bitset.add(3);
  t.same([...bitset.words(100)], [8, 0, 0, 0]);
  t.same([...bitset.words(0)], []);
  bitset.words(100)[2] = 1;
  t.ok(bitset.has(64));
});

t.test('a count is that of the bits as they are now', async (t) => {
  const bitset = Bitset.ofList(Uint32Array.of(1, 40, 90), 100);
  t.equal(bitset.count(), 3);
  bitset.add(2);
  bitset.add(2);
  t.equal(bitset.count(), 4);
  bitset.delete(90);
  t.equal(bitset.count(), 3);
  t.equal(bitset.unite(Bitset.ofList(Uint32Array.of(500), 501)).count(), 4);
  t.equal(bitset.intersect(Bitset.ofList(Uint32Array.of(1, 2), 3)).count(), 2);
  t.equal(bitset.subtract(Bitset.ofList(Uint32Array.of(2), 1000)).count(), 1);
});
