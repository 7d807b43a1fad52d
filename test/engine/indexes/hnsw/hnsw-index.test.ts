import t from 'tap';
import { searchFlat } from '../search-flat.js';
import { METRICS } from '@nearfield/engine/internals/distance/index';
import { Bitset, FlatIndex, HnswIndex, NO_OWNER, sharesAround } from '@nearfield/engine/internals/indexes/index';
import { seededRandom } from '../../filter/random-filter.js';
import { bestOf, buildHnswlib, clustered, exactNearest, exactScore, graphOf, indexOver, recallOf } from './graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 1500;
const QUERIES = 60;
const K = 10;

function fixture(metric: (typeof METRICS)[number], dimensions = 24) {
  const random = seededRandom(SEED);
  const all = clustered(random, ROWS + QUERIES, dimensions);
  const [vectors, queries] = [all.slice(0, ROWS), all.slice(ROWS)];
  const hnswlib = buildHnswlib(vectors, metric);
  return { random, vectors, queries, hnswlib, index: indexOver(vectors, graphOf(hnswlib), metric) };
}

for (const metric of METRICS) {
  t.test(`the walk under ${metric} finds what hnswlib finds on the same graph (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { queries, hnswlib, index } = fixture(metric);
    for (const ef of [10, 40, 200]) {
      hnswlib.setEf(ef);
      const wrong = queries.filter((query) => {
        const expected = hnswlib.searchKnn(Array.from(query), K).neighbors;
        return (
          JSON.stringify(expected) !==
          JSON.stringify(Array.from(index.search(query, { ef, walker: 0 }).nodes.subarray(0, K)))
        );
      });
      t.same(wrong.length, 0, `ef ${ef}`);
    }
  });

  t.test(`scores under ${metric} are public ones, best first (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { vectors, queries, index } = fixture(metric, 33);
    for (const query of queries) {
      const { nodes, scores, computed, hops } = index.search(query, { ef: 50, walker: 1 });
      t.equal(nodes.length, 50);
      t.ok(hops > 0 && computed >= 50);
      const off = Array.from(nodes, (node, i) => Math.abs(scores[i] - exactScore(metric, query, vectors[node])));
      t.ok(Math.max(...off) < 1e-4, `off by ${Math.max(...off)}`);
      t.same(
        Array.from(scores),
        Array.from(scores).sort((a, b) => b - a),
      );
    }
  });

  t.test(`the exact scan and rescoring under ${metric} score as the flat index, to the bit`, async (t) => {
    const { vectors, queries, index } = fixture(metric, 33);
    const flat = new FlatIndex(33, metric);
    flat.reserve(ROWS);
    for (const [row, vector] of vectors.entries()) flat.append(row, vector);
    const alive = new Bitset(ROWS);
    for (let row = 0; row < ROWS; row += 3) alive.add(row);
    for (const query of queries.slice(0, 20)) {
      const expected = searchFlat(flat, query, K, alive, ROWS, (a, b) => a - b);
      const found = index.scan(query, { limit: K, walker: 0, bitmap: alive.words(ROWS) });
      t.same(bestOf(found.nodes, found.scores, K), Array.from(expected.records));
      t.equal(found.scored, alive.count());
      t.ok(found.rejected <= Math.min(...found.scores));
      t.same(index.rescore(query, expected.records, 0), expected.scores);
    }
  });

  t.test(`a filter under ${metric} works inside the walk, as hnswlib's does (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { random, vectors, queries, hnswlib, index } = fixture(metric);
    hnswlib.setEf(40);
    for (const share of [0.9, 0.3, 0.05, 0.002]) {
      const alive = new Bitset(ROWS);
      for (let row = 0; row < ROWS; row++) if (random() < share) alive.add(row);
      const bitmap = alive.words(ROWS);
      index.setResidentBitmap(0, bitmap);
      let recall = 0;
      for (const query of queries) {
        const { nodes } = index.search(query, { ef: 40, walker: 0, bitmap });
        const expected = hnswlib.searchKnn(Array.from(query), K, (label) => alive.has(label)).neighbors;
        t.same(Array.from(nodes.subarray(0, K)), expected);
        t.ok(nodes.every((node) => alive.has(node)));
        t.same(index.search(query, { ef: 40, walker: 0, bitmap: 'resident' }).nodes, nodes);
        // Some nodes of a graph by inner product have no way in.
        if (metric === 'dot') continue;
        t.equal(nodes.length, Math.min(40, alive.count()), `at a share of ${share}`);
        recall += recallOf(
          nodes,
          exactNearest(vectors, query, metric, K, (node) => alive.has(node)),
        );
      }
      if (metric !== 'dot') t.ok(recall / QUERIES >= 0.98, `recall ${recall / QUERIES} at a share of ${share}`);
    }
  });
}

for (const metric of METRICS) {
  t.test(
    `many queries that are scanned together under ${metric} find what each finds (NEARFIELD_SEED=${SEED})`,
    async (t) => {
      // With wide vectors there is room for few queries at a time, with a large limit for one.
      for (const dimensions of [24, 515]) {
        const { random, queries, index } = fixture(metric, dimensions);
        const allowed = new Bitset(ROWS);
        for (let node = 0; node < ROWS; node++) if (random() < 0.3) allowed.add(node);
        for (const limit of [1, K, 700, ROWS, ROWS + 9]) {
          const some = queries.slice(0, limit > K ? 3 : 20);
          for (const bitmap of [undefined, allowed.words(ROWS)]) {
            const found = index.scanMany(0, some, { limit, allowed: bitmap });
            const wrong = some.filter((query, i) => {
              const { nodes, scores } = index.scan(query, { limit, walker: 1, bitmap });
              const scoreOf = new Map(Array.from(nodes, (node, at) => [node, scores[at]]));
              const inOrder = Array.from(found[i], (node) => scoreOf.get(node)!);
              const isFalling = inOrder.every((score, at) => at === 0 || score <= inOrder[at - 1]);
              return found[i].length !== nodes.length || new Set(found[i]).size !== nodes.length || !isFalling;
            });
            const what = `${dimensions} dimensions, limit ${limit}, ${bitmap === undefined ? 'all' : 'some'}`;
            t.equal(wrong.length, 0, what);
          }
        }
        const asked = [0, queries.slice(0, 3), { limit: K }] as const;
        const before = index.scanMany(...asked);
        index.setOwners(new Uint32Array(ROWS).fill(NO_OWNER));
        t.same(index.scanMany(...asked), before, 'records do not matter');
        let calls = 0;
        const check = () => {
          if (++calls > 1) throw new Error('enough');
        };
        t.throws(() => index.scanMany(0, queries, { limit: K, check }), /enough/);
      }
      t.same(fixture(metric).index.scanMany(0, [], { limit: K }), []);
    },
  );
}

t.test(`a set that is used again and again is walked alike (NEARFIELD_SEED=${SEED})`, async (t) => {
  const { random, queries, index } = fixture('cosine');
  const permuted = (step: number) => Uint32Array.from({ length: ROWS }, (_, node) => (node * step + 13) % ROWS);
  for (const owners of [permuted(7), permuted(11).map((owner) => (owner % 5 === 0 ? NO_OWNER : owner))]) {
    index.setOwners(owners);
    for (const share of [0.5, 0.05]) {
      // A set with fewer bits than there are rows: those above are not in it.
      const lasting = new Bitset(ROWS - 100);
      for (let row = 0; row < ROWS - 100; row++) if (random() < share) lasting.add(row);
      const bitmap = lasting.words(ROWS - 100);
      for (const inside of [false, true]) {
        for (const query of queries.slice(0, 20)) {
          const asked = { ef: 40, walker: 0, bitmap, inside };
          const walk = index.search(query, { ...asked, lasting });
          t.same(walk, index.search(query, asked));
          t.ok(walk.nodes.length > 0 && walk.nodes.every((node) => lasting.has(owners[node])));
        }
      }
    }
  }
});

t.test('an empty filter finds nothing, and bits that are missing forbid', async (t) => {
  const { queries, index } = fixture('cosine');
  t.equal(index.search(queries[0], { ef: 20, walker: 0, bitmap: new Uint32Array(ROWS / 32 + 1) }).nodes.length, 0);
  t.equal(index.search(queries[0], { ef: 20, walker: 0, bitmap: new Uint32Array(0) }).nodes.length, 0);
  const first = index.search(queries[0], { ef: ROWS, walker: 0, bitmap: new Uint32Array([0xffffffff]) });
  t.same(
    Array.from(first.nodes).sort((a, b) => a - b),
    Array.from({ length: 32 }, (_, i) => i),
  );
});

t.test('room for bitmaps is found again by whoever attaches next', async (t) => {
  const { queries, index } = fixture('cosine');
  const bitmap = new Uint32Array(ROWS / 32 + 1).fill(0x55555555);
  index.setResidentBitmap(0, bitmap);
  const expected = index.search(queries[0], { ef: 20, walker: 0, bitmap });
  const { bytes } = index;
  for (let round = 0; round < 5; round++) {
    const attached = HnswIndex.attach(index.layout);
    t.same(attached.search(queries[0], { ef: 20, walker: 0, bitmap: 'resident' }), expected);
    t.same(attached.search(queries[0], { ef: 20, walker: 0, bitmap }), expected);
  }
  t.equal(index.bytes, bytes);
});

t.test('an ef of all nodes reaches every node', async (t) => {
  const { queries, index } = fixture('euclidean');
  t.equal(new Set(index.search(queries[0], { ef: 10 * ROWS, walker: 0 }).nodes).size, ROWS);
});

t.test('owners say which record a node is, and dead nodes are walked through but not found', async (t) => {
  const { vectors, queries, index } = fixture('cosine');
  const before = index.layout.owners;
  const owners = Uint32Array.from(vectors.keys(), (node) => (node % 2 === 0 ? NO_OWNER : ROWS - 1 - node));
  index.setOwners(owners);
  t.not(index.layout.owners, before, 'readers of the old owners keep them');
  t.same(index.owners, owners);
  let recall = 0;
  for (const query of queries) {
    const { nodes } = index.search(query, { ef: 40, walker: 0 });
    t.ok(nodes.every((node) => node % 2 === 1));
    recall += recallOf(
      nodes,
      exactNearest(vectors, query, 'cosine', K, (node) => node % 2 === 1),
    );
    t.ok(index.scan(query, { limit: 20, walker: 0 }).nodes.every((node) => node % 2 === 1));
  }
  t.ok(recall / QUERIES >= 0.98, `recall ${recall / QUERIES}`);
  const alive = new Bitset(ROWS);
  for (let record = 0; record < 100; record++) alive.add(record);
  const { nodes } = index.search(queries[0], { ef: 200, walker: 0, bitmap: alive.words(ROWS) });
  t.same(
    Array.from(nodes, (node) => owners[node]).sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => 2 * i),
  );
  index.releaseOwners(before);
  index.setOwners(owners);
  t.equal(index.layout.owners, before, 'released room is used again');
});

t.test('searches go on correctly when the marks of seen nodes wrap round', async (t) => {
  const { queries, index } = fixture('dot');
  const expected = queries.map((query) => index.search(query, { ef: 20, walker: 0 }).nodes);
  for (let round = 0; round < 10; round++) {
    for (const [i, query] of queries.entries()) {
      if (!t.same(index.search(query, { ef: 20, walker: 0 }).nodes, expected[i])) return;
    }
  }
});

t.test('a header and the derived bytes restore the index', async (t) => {
  for (const quantization of ['none', 'int8', 'binary'] as const) {
    const random = seededRandom(SEED);
    const vectors = clustered(random, 400, 20);
    const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'euclidean')), 'euclidean', quantization);
    const stored = { header: JSON.parse(JSON.stringify(index.header)), bytes: index.derived.slice() };
    const restored = await HnswIndex.restore(stored.header, (target) => target.set(stored.bytes), { walkers: 1 });
    restored.vectorRows(0, 400).set(index.vectorRows(0, 400));
    const attached = HnswIndex.attach(structuredClone(restored.layout));
    for (const query of clustered(random, 10, 20)) {
      const expected = index.search(query, { ef: 30, walker: 0 });
      t.same(restored.search(query, { ef: 30, walker: 0 }), expected);
      t.same(attached.search(query, { ef: 30, walker: 0 }), expected);
    }
  }
});

t.test('an index beyond 4 GiB is refused before memory is taken', async (t) => {
  const options = { dimensions: 1024, metric: 'dot', quantization: 'none', m: 16, efConstruction: 200 } as const;
  t.throws(() => HnswIndex.create({ ...options, count: 1_100_000, walkers: 1 }), { code: 'MEMORY_EXHAUSTED' });
});

t.test(`a walk does not meet a hidden node, and the next one does (NEARFIELD_SEED=${SEED})`, async (t) => {
  const { vectors, index } = fixture('euclidean');
  const { offsets } = index.graph;
  const node = Array.from({ length: ROWS }, (_, i) => i).find((i) => offsets[i + 1] === offsets[i])!;
  const everything = new Bitset(ROWS);
  for (let i = 0; i < ROWS; i++) everything.add(i);
  const bitmap = everything.words(ROWS);
  // More walks than there are marks.
  for (let i = 0; i < 300; i++) {
    for (const inside of [false, true]) {
      const asked = { ef: K, walker: 0, bitmap, inside };
      const found = index.search(vectors[node], { ...asked, hidden: node });
      if (found.nodes.includes(node) || found.nodes.length < K) t.fail(`walk ${i} meets it`);
      if (index.search(vectors[node], asked).nodes[0] !== node) t.fail(`walk ${i} misses it`);
    }
  }
});

/** The rows from the nearest to the farthest. */
function inOrder(vectors: readonly Float32Array[], query: Float32Array): number[] {
  const distance = (row: number) => -exactScore('euclidean', vectors[row], query);
  return vectors.map((_, row) => row).sort((a, b) => distance(a) - distance(b));
}

function bitsOf(rows: readonly number[]): Uint32Array {
  const bits = new Bitset(ROWS);
  for (const row of rows) bits.add(row);
  return bits.words(ROWS);
}

t.test(`a walk away from what matches gives up, or takes the effort for that (NEARFIELD_SEED=${SEED})`, async (t) => {
  const { random, vectors, queries, index } = fixture('euclidean');
  const away = bitsOf(inOrder(vectors, queries[0]).slice(ROWS / 2));
  const anywhere = new Bitset(ROWS);
  for (let row = 0; row < ROWS; row++) if (random() < 0.5) anywhere.add(row);
  const { below, above, least, ...shares } = sharesAround(0.5);
  const dense = { effort: 20, above, least, through: false };
  for (const inside of [false, true]) {
    for (const effort of [0, 200]) {
      // With 0 nothing is said of it at the entry, and what a walk through all nodes meets tells.
      for (const few of inside ? [below] : [below, 0]) {
        const around = { ...shares, far: { effort, below: few }, dense };
        const asked = { ef: 20, walker: 0, inside, around };
        const far = index.search(queries[0], { ...asked, bitmap: away });
        t.same([far.about, far.settled, far.nodes.length], ['far', effort > 0, effort], `inside ${inside}, ${few}`);
        const usual = queries.filter((query) => {
          return index.search(query, { ...asked, bitmap: anywhere.words(ROWS) }).about === 'usual';
        });
        t.ok(usual.length >= 0.8 * QUERIES, `${usual.length} of ${QUERIES} are as usual where the filter is by chance`);
      }
    }
  }
});

t.test(
  `a walk inside a bitmap that goes through all nodes notices a wrong place (NEARFIELD_SEED=${SEED})`,
  async (t) => {
    const { vectors, queries, index } = fixture('euclidean');
    const { below, above, least, ...shares } = sharesAround(0.5, { bits: true });
    const near = inOrder(vectors, queries[0]);
    const walk = (rows: readonly number[], through: boolean, many = above) => {
      const around = {
        ...shares,
        far: { effort: 0, below: many === 0 ? 0 : below },
        dense: { effort: 40, above: many, least, through },
      };
      return index.search(queries[0], { ef: 20, walker: 0, inside: true, around, bitmap: bitsOf(rows) });
    };
    const away = near.slice(ROWS / 2);
    // With `many` at 0, a single match about its beginning is taken for all.
    const [blind, noticed] = [walk([...away, near[0]], false, 0), walk([...away, near[0]], true, 0)];
    t.same([blind.about, blind.settled], ['dense', true]);
    t.same([noticed.about, noticed.settled, noticed.nodes.length], ['far', false, 0]);
    t.ok(noticed.computed > blind.computed / 4, 'what both of its walks took is counted');
    const right = walk(near.slice(0, ROWS / 2), true);
    t.same([right.about, right.settled, right.nodes.length], ['dense', true, 40]);
    t.same(right.nodes.slice(0, K), Uint32Array.from(near.slice(0, K)));
    // Among the neighbours of what a walk visits, more match than by chance: it is the right place after all.
    const late = walk(near.slice(0, ROWS / 2), true, 1.1);
    t.same([late.about, late.nodes.length], ['dense', 40]);
  },
);
