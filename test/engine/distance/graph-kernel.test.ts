import t from 'tap';
import { simdKernel } from '@nearfield/engine/internals/distance/kernel';
import { hasRelaxedSimd } from '@nearfield/engine/internals/distance/relaxed-simd';
import { scalarGraphKernel } from '@nearfield/engine/internals/distance/scalar-graph-kernel';
import { WALKER_MEMBERS, type GraphKernel } from '@nearfield/engine/internals/distance/graph-kernel';
import { METRICS, readTopK, resetTopK, type Metric } from '@nearfield/engine/internals/distance/index';
import { HnswIndex, drawLevels } from '@nearfield/engine/internals/indexes/index';
import type { Quantization } from '@nearfield/engine/internals/schema/index';
import { codeShape, derivedParts, walkerParts } from '@nearfield/engine/internals/indexes/hnsw/hnsw-layout';
import { seededRandom } from '../filter/random-filter.js';
import { buildHnswlib, exactScore, fillVectors, graphOf, indexOver, recallOf } from '../indexes/hnsw/graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 250;
const DIMENSIONS = [1, 3, 4, 5, 8, 9, 31, 100, 129];

// relaxed-simd.test.ts runs this file once more where the runtime needs to be told to have relaxed SIMD.
const kernels: Record<string, (memory: WebAssembly.Memory) => GraphKernel> = {
  scalarGraphKernel,
  simdKernel: (memory) => simdKernel(memory, 'plain'),
  ...(hasRelaxedSimd() && { relaxedSimdKernel: (memory: WebAssembly.Memory) => simdKernel(memory, 'relaxed') }),
};

/** Vectors of small integers: their products and sums are exact in any order. */
function integers(dimensions: number, rows: number, seed: number): Float32Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () =>
    Float32Array.from({ length: dimensions }, () => 1 + Math.round(random() * 14)),
  );
}

function fixture(dimensions: number, metric: Metric, quantization: Quantization) {
  const vectors = integers(dimensions, ROWS, SEED);
  // Under cosine the vectors are scaled, and no longer integers.
  const graph = graphOf(buildHnswlib(vectors, metric));
  const index = indexOver(vectors, graph, metric, quantization);
  const scratch = index.layout.scratch;
  return { index, vectors, parts: walkerParts(index.header, ROWS), scratch };
}

for (const quantization of ['none', 'int8', 'binary'] as const) {
  t.test(`the kernels walk the same way over ${quantization} (NEARFIELD_SEED=${SEED})`, async (t) => {
    for (const dimensions of DIMENSIONS) {
      for (const metric of ['dot', 'euclidean'] as const) {
        const { index, parts, scratch } = fixture(dimensions, metric, quantization);
        const { memory, graph, owners } = index.layout;
        const bitmap = Uint32Array.from({ length: Math.ceil(ROWS / 32) }, (_, i) => 0x5a5a5a5a ^ i);
        for (const positive of integers(dimensions, 4, SEED + 1)) {
          const query = positive.map((value, i) => (i % 3 === 1 ? -value : value));
          index.setResidentBitmap(0, bitmap);
          index.search(query, { ef: 1, walker: 0, bitmap });
          for (const ef of [1, 7, 40, ROWS]) {
            const [scalar, ...others] = walks(memory, graph, scratch, scratch + parts.results, ef);
            for (const simd of others) {
              if (JSON.stringify(simd) !== JSON.stringify(scalar))
                t.same(simd, scalar, `${metric} ${dimensions} ef ${ef}`);
            }
            const limited = walksBelow(100, owners, memory, graph, scratch, ef);
            t.equal(new Set(limited).size, 1, 'with a limit on rows');
          }
        }
      }
    }
  });
}

/** The keys that each kernel's walk leaves. */
function walks(memory: WebAssembly.Memory, graph: number, walker: number, results: number, ef: number): number[][] {
  return Object.values(kernels).map((make) => {
    const found = make(memory).walk(graph, walker, ef, 0, 0, 0xffffffff);
    return Array.from(new Int32Array(memory.buffer, results, 2 * found));
  });
}

const TESTED = WALKER_MEMBERS.indexOf('tested');
const MATCHED = WALKER_MEMBERS.indexOf('matched');

for (const quantization of ['none', 'int8', 'binary'] as const) {
  t.test(`the kernels walk the same way inside a bitmap over ${quantization} (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED + 5);
    for (const dimensions of DIMENSIONS) {
      const { index, parts, scratch } = fixture(dimensions, dimensions % 2 === 0 ? 'dot' : 'euclidean', quantization);
      const { memory, graph, owners } = index.layout;
      for (const share of [0, 0.05, 0.3, 0.9]) {
        const bitmap = Uint32Array.from({ length: Math.ceil(ROWS / 32) }, () => wordOf(random, share));
        const [query] = integers(dimensions, 1, SEED + 6);
        index.search(query, { ef: 1, walker: 0, bitmap });
        const struct = new Uint32Array(memory.buffer, scratch, WALKER_MEMBERS.length);
        const at = struct[WALKER_MEMBERS.indexOf('bitmap')];
        for (const [ef, enough, starts] of [
          [1, 16, 0],
          [7, 4, 3],
          [40, 8, 16],
          [ROWS, 33, 16],
        ]) {
          for (const [budget, aroundNodes, farEf, farBelow, denseEf, denseAbove] of [
            [ROWS / 2, 0, 50, 0, 0, 0xffffffff],
            [0xffffffff, 40, 50, 65_536 / 4, 0, 0xffffffff],
            [0xffffffff, 1000, 0, 65_536 / 8, 30, 65_536 / 2],
          ]) {
            const members = { budget, aroundNodes, farEf, farBelow, denseEf, denseAbove };
            for (const [name, value] of Object.entries(members)) {
              struct[WALKER_MEMBERS.indexOf(name as keyof typeof members)] = value;
            }
            // Each record is its own node's, so that bits of records are bits of nodes as well.
            const bys = ef === 7 ? [owners, 0] : [owners];
            const ways = Object.values(kernels).flatMap((make) => bys.map((by) => ({ make, by })));
            const [scalar, ...others] = ways.map(({ make, by }) => {
              const found = make(memory).walkInside(graph, scratch, ef, by, at, ROWS, enough, starts);
              const results = new Int32Array(memory.buffer, scratch + parts.results, 2 * found);
              return [struct[TESTED], struct[MATCHED], ...results];
            });
            const what = `${dimensions} dimensions, share ${share}, ef ${ef} or ${farEf}, budget ${budget}`;
            const checked = ways.map(({ make, by }) => {
              const found = make(memory).walk(graph, scratch, ef, by, at, ROWS);
              const results = new Int32Array(memory.buffer, scratch + parts.results, 2 * found);
              return [struct[TESTED], struct[MATCHED], ...results].join();
            });
            if (new Set(checked).size > 1) t.same(checked, [], `${what}: through all nodes`);
            for (const simd of others) if (simd.join() !== scalar.join()) t.same(simd, scalar, what);
            const strays = scalar
              .slice(2)
              .filter((node, i) => i % 2 === 0 && ((bitmap[node >>> 5] >>> (node & 31)) & 1) === 0);
            t.same(strays, [], `${what}: all that is found matches`);
          }
        }
      }
    }
  });
}

for (const quantization of ['none', 'int8', 'binary'] as const) {
  t.test(`walks in pieces end as in one piece over ${quantization} (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED + 7);
    const { index, parts, scratch } = fixture(9, 'euclidean', quantization);
    const { memory, graph, owners } = index.layout;
    const bitmap = Uint32Array.from({ length: Math.ceil(ROWS / 32) }, () => wordOf(random, 0.4));
    index.search(integers(9, 1, SEED + 8)[0], { ef: 1, walker: 0, bitmap });
    const struct = new Uint32Array(memory.buffer, scratch, WALKER_MEMBERS.length);
    const at = (name: (typeof WALKER_MEMBERS)[number]) => WALKER_MEMBERS.indexOf(name);
    const allowed = [owners, struct[at('bitmap')], ROWS] as const;
    const everyone = [0, 0, 0xffffffff] as const;
    for (const [name, make] of Object.entries(kernels)) {
      const kernel = make(memory);
      const ways: [() => number, () => number][] = [
        [() => kernel.walk(graph, scratch, 40, ...everyone), () => kernel.resumeWalk(graph, scratch, ...everyone)],
        [() => kernel.walk(graph, scratch, 40, ...allowed), () => kernel.resumeWalk(graph, scratch, ...allowed)],
        [
          () => kernel.walkInside(graph, scratch, 40, ...allowed, 8, 16),
          () => kernel.resumeWalkInside(graph, scratch, ...allowed, 8),
        ],
      ];
      const results = (found: number) => [
        ...new Int32Array(memory.buffer, scratch + parts.results, 2 * found),
        struct[at('computed')],
        struct[at('hops')],
      ];
      for (const [way, [begin, resume]] of ways.entries()) {
        struct[at('budget')] = 0xffffffff;
        struct[at('pause')] = 0xffffffff;
        const whole = results(begin());
        struct[at('pause')] = 0;
        let found = begin();
        let pauses = 0;
        for (; struct[at('paused')] === 1; pauses++) {
          struct[at('pause')] = struct[at('computed')] + struct[at('hops')] + 3;
          found = resume();
        }
        t.ok(pauses > 3, `${pauses}`);
        t.same(results(found), whole, `${name}, way ${way}`);
        struct[at('pause')] = 40;
        begin();
        struct[at('budget')] = 0;
        const cut = results(resume());
        t.equal(struct[at('paused')], 0);
        t.ok(cut.length > 2 && struct[at('computed')] < whole.at(-2)!);
        const distances = cut.slice(0, -2).filter((_, i) => i % 2 === 1);
        t.same(
          distances,
          distances.toSorted((a, b) => a - b),
          'nearest first',
        );
      }
    }
  });
}

/** 32 bits, of which that share is set. */
function wordOf(random: () => number, share: number): number {
  let word = 0;
  for (let bit = 0; bit < 32; bit++) if (random() < share) word |= 1 << bit;
  return word;
}

t.test(`the kernels multiply all codes of int8 the same way (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED + 4);
  const drawn = (largest: number) => Math.round((2 * random() - 1) * largest);
  for (const dimensions of DIMENSIONS) {
    const { index, vectors, parts, scratch } = fixture(dimensions, 'dot', 'int8');
    const { memory, graph } = index.layout;
    index.search(vectors[0], { ef: 1, walker: 0 });
    const query = new Int16Array(memory.buffer, scratch + parts.codeQuery, dimensions);
    const { stride } = codeShape(index.header);
    const codes = new Int8Array(memory.buffer, index.layout.derived.address + derivedParts(index.header).codes);
    // The padding of a row may hold anything: its query codes are 0.
    for (let i = 0; i < ROWS * stride; i++) codes[i] = i % 5 === 0 ? -128 : i % 7 === 0 ? 127 : drawn(128);
    for (const extreme of [-32_767, -128, -127, 0, 1, 127, 128, 32_767]) {
      for (let i = 0; i < dimensions; i++)
        query[i] = Math.abs(extreme) <= 1 ? drawn(extreme === 0 ? 127 : 32_767) : extreme;
      const [scalar, ...others] = walks(memory, graph, scratch, scratch + parts.results, ROWS);
      for (const simd of others) t.same(simd, scalar, `${dimensions} dimensions, codes of ${extreme}`);
    }
  }
});

/** How many results each kernel finds when only records below `rows` are allowed. */
function walksBelow(
  rows: number,
  owners: number,
  memory: WebAssembly.Memory,
  graph: number,
  walker: number,
  ef: number,
): number[] {
  return Object.values(kernels).map((kernel) => kernel(memory).walk(graph, walker, ef, owners, 0, rows));
}

for (const [name, make] of Object.entries(kernels)) {
  t.test(`${name} scans and rescores nodes exactly`, async (t) => {
    for (const dimensions of DIMENSIONS) {
      for (const metric of ['dot', 'euclidean'] as const) {
        const { index, vectors, parts, scratch } = fixture(dimensions, metric, 'none');
        const { memory, graph, owners } = index.layout;
        const kernel = make(memory);
        const euclidean = metric === 'euclidean' ? 1 : 0;
        const query = integers(dimensions, 1, SEED + 2)[0];
        index.rescore(query, new Uint32Array(1), 0);
        const scoreOf = (node: number) => {
          const score = exactScore(metric, query, vectors[node]);
          return euclidean ? -Math.round(score * score) : score;
        };
        resetTopK(memory.buffer, scratch + parts.candidates, 12);
        kernel.scanNodes(graph, euclidean, scratch + parts.query, owners, 0, 200, 0, ROWS, scratch + parts.candidates);
        const found = readTopK(memory.buffer, scratch + parts.candidates);
        t.equal(found.scored, 200);
        t.same(Array.from(found.scores), Array.from(found.records, scoreOf));
        const expected = Array.from({ length: 200 }, (_, node) => scoreOf(node)).sort((a, b) => b - a);
        t.same(
          Array.from(found.scores).sort((a, b) => b - a),
          expected.slice(0, 12),
        );
        t.equal(found.rejected, expected[12]);
        const listed = new Uint32Array(memory.buffer, scratch + parts.results, 200);
        for (const node of listed.keys()) listed[node] = 199 - node;
        resetTopK(memory.buffer, scratch + parts.candidates, 12);
        const list = scratch + parts.results;
        kernel.scanListed(graph, euclidean, scratch + parts.query, list, 200, scratch + parts.candidates);
        const again = readTopK(memory.buffer, scratch + parts.candidates);
        t.same(
          Array.from(again.scores).sort((a, b) => b - a),
          expected.slice(0, 12),
        );
        t.same([again.rejected, again.scored], [expected[12], 200]);
        // More than are touched at once.
        const chosen = [9, 0, ROWS - 1, 9, 77, 1, 2, 3, 50, 249, 10];
        const nodes = new Uint32Array(memory.buffer, scratch + parts.candidates, chosen.length);
        nodes.set(chosen);
        const scoresAt = nodes.byteOffset + nodes.byteLength;
        kernel.rescoreNodes(graph, euclidean, scratch + parts.query, owners, nodes.byteOffset, scoresAt, chosen.length);
        t.same(Array.from(new Float32Array(memory.buffer, scoresAt, chosen.length)), chosen.map(scoreOf));
      }
    }
  });

  t.test(`${name} scales rows to length 1`, async (t) => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const rows = new Float32Array(memory.buffer, 1024, 4 * 8);
    rows.set([3, 4, 0, 0, 0, 0, 0, 0], 0);
    rows.set([1e-30, 0, 0, 0, 0, 0, 0, -1e-30], 8);
    rows.set([1e16, 1e16, 1e16, 1e16], 16);
    make(memory).normalizeRows(1024, 4, 2);
    const half = Math.fround(Math.sqrt(0.5));
    const near = (a: number, b: number) => Math.abs(a - b) < 1e-7;
    const expected = [0.6, 0.8, 0, 0, 0, 0, 0, 0, half, 0, 0, 0, 0, 0, 0, -half, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0];
    t.ok(
      expected.every((value, i) => near(rows[i], value)),
      `${rows}`,
    );
    t.ok(
      rows.subarray(24).every((value) => value === 0),
      'zeros stay',
    );
  });

  t.test(`${name} refuses links that lead out of the arrays`, async (t) => {
    const { index } = fixture(4, 'dot', 'none');
    const { memory, graph, derived } = index.layout;
    const kernel = make(memory);
    const { m, count, upperBlocks, entry, maxLevel } = index.header;
    t.equal(kernel.validateGraph(graph, upperBlocks), 0);
    t.equal(kernel.validateGraph(graph, upperBlocks + 1), 1);
    const words = new Uint32Array(memory.buffer, derived.address, derived.bytes / 4);
    const struct = new Uint32Array(memory.buffer, graph, 13);
    const [links, offsets, upper] = [5, 6, 7].map((member) => (struct[member] - derived.address) / 4);
    const lower = struct[3] === 0 ? 1 : 0;
    const cases: [number, number, number, string][] = [
      [links, 2 * m + 1, 2, 'too many links'],
      [links + 3 * (2 * m + 1) + 1, count, 2, 'a link to a node that is not there'],
      [offsets, 1, 1, 'a first offset above 0'],
      [offsets + 10, words[offsets + 9] - 1, 1, 'an offset that falls'],
      [offsets + 10, words[offsets + 9] + maxLevel + 1, 1, 'a level above the highest'],
      [offsets + count, upperBlocks + 1, 1, 'an end beyond the blocks'],
      [upper, m + 1, 3, 'too many links above'],
      [upper + 1, count, 3, 'a link above to a node that is not there'],
    ];
    for (const [at, value, damage, what] of cases) {
      const before = words[at];
      words[at] = value;
      t.equal(kernel.validateGraph(graph, upperBlocks), damage, what);
      words[at] = before;
    }
    struct[3] = count;
    t.equal(kernel.validateGraph(graph, upperBlocks), 4, 'an entry that is not there');
    struct[3] = lower;
    t.equal(kernel.validateGraph(graph, upperBlocks), 4, 'an entry below the highest level');
    struct[3] = entry;
    struct[4] = 64;
    t.equal(kernel.validateGraph(graph, upperBlocks), 4, 'a level beyond all bounds');
  });
}

t.test('the kernels write the same codes', async (t) => {
  for (const dimensions of DIMENSIONS) {
    for (const metric of METRICS) {
      for (const quantization of ['int8', 'binary'] as const) {
        const { index } = fixture(dimensions, metric, quantization);
        const { memory, derived, graph, vectors } = index.layout;
        const simd = index.derived.slice();
        const [codes, codeStride, codeGroups] = [10, 11, 12].map((at) => new Uint32Array(memory.buffer, graph)[at]);
        const lanes = index.rowLength / 4;
        const scalar = scalarGraphKernel(memory);
        const norms = metric === 'euclidean' ? 1 : 0;
        const [first, second] = [derived.address, derived.address + codeGroups * 32];
        if (quantization === 'binary') scalar.encodeBinary(vectors, ROWS, lanes, codes, codeStride, first);
        else scalar.encodeInt8(vectors, ROWS, lanes, codes, codeStride, codeGroups, first, second, norms);
        const floats = new Float32Array(memory.buffer, derived.address, derived.bytes >>> 2);
        const before = new Float32Array(simd.buffer, 0, floats.length);
        // Norms may differ in the last bits; all else is the same.
        const wrong = floats.findIndex(
          (value, i) =>
            !Object.is(value, before[i]) && !(norms && Math.abs(value - before[i]) <= 1e-5 * Math.abs(value)),
        );
        t.equal(wrong, -1, `${quantization} ${metric} ${dimensions}`);
      }
    }
  }
});

t.test(`the kernels insert the same links (NEARFIELD_SEED=${SEED})`, async (t) => {
  for (const dimensions of [3, 9, 40]) {
    for (const metric of ['dot', 'euclidean'] as const) {
      const vectors = integers(dimensions, ROWS, SEED + 3);
      const [scalar, ...others] = Object.values(kernels).map((make) => {
        const options = { dimensions, metric, quantization: 'none', m: 4, efConstruction: 24, walkers: 1 } as const;
        const index = HnswIndex.started(options, drawLevels(ROWS, 4, SEED));
        fillVectors(index, vectors);
        // Inserts none, but puts the walker in place.
        index.insert(0, 0);
        const { memory, builder, scratch } = index.layout;
        t.equal(make(memory).insert(builder, scratch, 100), 100);
        t.equal(make(memory).insert(builder, scratch, ROWS), ROWS - 101);
        index.seal();
        return index;
      });
      for (const simd of others) {
        t.same(simd.header, scalar.header);
        t.equal(Buffer.compare(simd.derived, scalar.derived), 0, `${metric} ${dimensions}`);
      }
    }
  }
});

t.test('an attached index sees the vectors of the first', async (t) => {
  const { index, vectors } = fixture(5, 'euclidean', 'none');
  const attached = HnswIndex.attach(index.layout);
  t.ok(recallOf(attached.search(vectors[3], { ef: 10, walker: 1 }).nodes, [3]) === 1);
});
