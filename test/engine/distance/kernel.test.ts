import t from 'tap';
import { simdKernel, type Kernel } from '@nearfield/engine/internals/distance/kernel';
import { scalarKernel } from '@nearfield/engine/internals/distance/scalar-kernel';
import { readTopK, resetTopK, topKBytes, type TopK } from '@nearfield/engine/internals/distance/top-k';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const DIMENSIONS = [...Array.from({ length: 67 }, (_, i) => i + 1), 100, 384, 512, 1536];
const ROWS = 70;

// Addresses in the memory under test; the kernel keeps the first kilobyte for itself.
const [BITMAP, OWNERS, HEAP, QUERY, VECTORS] = [1024, 2048, 4096, 8192, 16_384] as const;

type ValueMaker = (random: Random, i: number) => number;

const VALUES: Readonly<Record<string, ValueMaker>> = {
  'between -1 and 1': (random) => random() * 2 - 1,
  'of very different magnitudes': (random) => (random() - 0.5) * 10 ** Math.floor(random() * 12 - 6),
  'that cancel out': (_random, i) => (i % 2 === 0 ? 1 : -1) * (1 + (i >> 1)),
  'as large as a component may be': (random) => (random() < 0.5 ? -1 : 1) * 1e16,
  'below the normal range': (random) => random() * 1e-40,
  'all equal': () => 0.25,
};

/** One vector memory with vectors in place, padded with zeros, and the same vectors as plain arrays. */
class Fixture {
  readonly memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
  readonly lanes: number;
  readonly vectors: Float32Array[] = [];
  readonly query: Float32Array;

  constructor(
    readonly dimensions: number,
    rows: number,
    value: (i: number) => number,
  ) {
    this.lanes = Math.ceil(dimensions / 4);
    const make = () => Float32Array.from({ length: dimensions }, (_, i) => value(i));
    this.query = this.#place(QUERY, make());
    for (let row = 0; row < rows; row++) this.vectors.push(this.#place(this.at(row), make()));
  }

  at(row: number): number {
    return VECTORS + row * this.lanes * 16;
  }

  /** Owners are odd numbers, so that a row's number cannot pass for its record. */
  owner(row: number): number {
    return 2 * row + 1;
  }

  scan(kernel: Kernel, metric: Metric, capacity: number, bitmap?: readonly number[]): TopK {
    const { buffer } = this.memory;
    const owners = new Uint32Array(buffer, OWNERS, this.vectors.length);
    for (const row of owners.keys()) owners[row] = this.owner(row);
    const words = new Uint32Array(buffer, BITMAP, 8).fill(0);
    for (const record of bitmap ?? []) words[record >>> 5] |= 1 << (record & 31);
    resetTopK(buffer, HEAP, capacity);
    // In two runs, as over two blocks: the heap goes on where it was.
    const half = this.vectors.length >> 1;
    const scan = metric === 'dot' ? kernel.scanDot : kernel.scanEuclidean;
    const at = bitmap === undefined ? 0 : BITMAP;
    scan(QUERY, this.at(0), OWNERS, half, this.lanes, at, HEAP);
    scan(QUERY, this.at(half), OWNERS + half * 4, this.vectors.length - half, this.lanes, at, HEAP);
    return readTopK(buffer, HEAP);
  }

  #place(at: number, vector: Float32Array): Float32Array {
    const target = new Float32Array(this.memory.buffer, at, this.lanes * 4);
    target.fill(0);
    target.set(vector);
    return vector;
  }
}

type Metric = 'dot' | 'euclidean';

/** The score in double precision, and the sum of the magnitudes of its terms, which its rounding errors are relative to. */
function oracle(metric: Metric, a: Float32Array, b: Float32Array): { score: number; scale: number } {
  let [score, scale] = [0, 0];
  for (const i of a.keys()) {
    const term = metric === 'dot' ? a[i] * b[i] : -((a[i] - b[i]) ** 2);
    score += term;
    scale += Math.abs(term);
  }
  return { score, scale };
}

function near(actual: number, { score, scale }: { score: number; scale: number }): boolean {
  // Numbers below 1e-37 have fewer digits in f32.
  return Math.abs(actual - score) <= 1e-5 * scale + 1e-37;
}

for (const [name, make] of Object.entries({ simdKernel, scalarKernel })) {
  t.test(`${name} computes products and distances to 1e-5 (NEARFIELD_SEED=${SEED})`, async (t) => {
    for (const [what, value] of Object.entries(VALUES)) {
      const random = seededRandom(SEED);
      const wrong: unknown[] = [];
      for (const dimensions of DIMENSIONS) {
        const fixture = new Fixture(dimensions, 3, (i) => value(random, i));
        const kernel = make(fixture.memory);
        for (const [row, vector] of fixture.vectors.entries()) {
          const dot = kernel.dot(QUERY, fixture.at(row), fixture.lanes);
          const square = kernel.squaredEuclidean(QUERY, fixture.at(row), fixture.lanes);
          if (!near(dot, oracle('dot', fixture.query, vector))) wrong.push({ dimensions, row, dot });
          if (!near(-square, oracle('euclidean', fixture.query, vector))) wrong.push({ dimensions, row, square });
        }
        if (kernel.squaredEuclidean(QUERY, QUERY, fixture.lanes) !== 0) wrong.push({ dimensions, itself: true });
      }
      t.same(wrong, [], `values ${what}`);
    }
  });

  t.test(`${name} scans for the best records (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED + 1);
    for (const dimensions of [1, 4, 7, 33, 100, 384]) {
      const fixture = new Fixture(dimensions, ROWS, () => random() * 2 - 1);
      const kernel = make(fixture.memory);
      for (const metric of ['dot', 'euclidean'] as const) {
        for (const [what, bitmap] of Object.entries(bitmaps(fixture, random))) {
          const wrong = [0, 1, 2, 10, ROWS - 1, ROWS, ROWS + 30]
            .map((capacity) => ({ capacity, problem: scanProblem(fixture, kernel, metric, capacity, bitmap) }))
            .filter(({ problem }) => problem !== undefined);
          t.same(wrong, [], `${metric}, ${dimensions} dimensions, ${what} bitmap`);
        }
      }
    }
  });

  t.test(`${name} tells that a tie was cut`, async (t) => {
    const fixture = new Fixture(3, ROWS, () => 0.5);
    const kernel = make(fixture.memory);
    for (const metric of ['dot', 'euclidean'] as const) {
      const cut = fixture.scan(kernel, metric, 5);
      t.equal(cut.rejected, Math.min(...cut.scores), `${metric}: the rejected score equals the last kept one`);
      t.equal(fixture.scan(kernel, metric, ROWS).rejected, -Infinity, `${metric}: nothing is rejected`);
    }
  });
}

t.test('the kernels agree with each other to the last record', async (t) => {
  const random = seededRandom(SEED + 2);
  for (const dimensions of DIMENSIONS) {
    const fixture = new Fixture(dimensions, 40, () => Math.round(random() * 8 - 4));
    const run = (kernel: Kernel, metric: Metric) => {
      const { records, scores, rejected, scored } = fixture.scan(kernel, metric, 40);
      const pairs = Array.from(records, (record, i) => [record, scores[i]]);
      return { pairs: pairs.sort(([a], [b]) => a - b), rejected, scored };
    };
    for (const metric of ['dot', 'euclidean'] as const) {
      const simd = run(simdKernel(fixture.memory), metric);
      const scalar = run(scalarKernel(fixture.memory), metric);
      // Sums of small integers are exact in any order.
      if (JSON.stringify(simd) !== JSON.stringify(scalar)) t.same(simd, scalar, `${metric}, ${dimensions} dimensions`);
      t.equal(simd.scored, 40);
    }
  }
});

function bitmaps(fixture: Fixture, random: Random): Record<string, number[] | undefined> {
  const owners = fixture.vectors.map((_, row) => fixture.owner(row));
  return {
    no: undefined,
    empty: [],
    sparse: owners.filter(() => random() < 0.1),
    half: owners.filter(() => random() < 0.5),
    full: owners,
    // Bits of records that own no vector.
    foreign: owners.map((owner) => owner - 1),
  };
}

/** What is wrong with a scan, or undefined. */
function scanProblem(
  fixture: Fixture,
  kernel: Kernel,
  metric: Metric,
  capacity: number,
  bitmap: readonly number[] | undefined,
): unknown {
  const found = fixture.scan(kernel, metric, capacity, bitmap);
  const expected = fixture.vectors
    .map((vector, row) => ({ record: fixture.owner(row), ...oracle(metric, fixture.query, vector) }))
    .filter(({ record }) => bitmap === undefined || bitmap.includes(record))
    .sort((a, b) => b.score - a.score);
  if (found.scored !== expected.length) return { scored: found.scored, expected: expected.length };
  if (found.records.length !== Math.min(capacity, expected.length)) return { kept: found.records.length };
  const best = new Map(expected.slice(0, capacity).map((entry) => [entry.record, entry]));
  for (const [i, record] of found.records.entries()) {
    const entry = best.get(record);
    if (entry === undefined || !near(found.scores[i], entry)) return { record, score: found.scores[i], entry };
  }
  const next = expected[capacity];
  const right = next === undefined ? found.rejected === -Infinity : near(found.rejected, next);
  return right ? undefined : { rejected: found.rejected, next };
}

t.test('the space for a heap is its header and eight bytes an entry', async (t) => {
  t.equal(topKBytes(0), 24);
  t.equal(topKBytes(10), 104);
});
