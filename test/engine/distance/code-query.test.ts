import t from 'tap';
import { WALKER_MEMBERS, type GraphKernel } from '@nearfield/engine/internals/distance/graph-kernel';
import { simdKernel } from '@nearfield/engine/internals/distance/kernel';
import { hasRelaxedSimd } from '@nearfield/engine/internals/distance/relaxed-simd';
import { scalarGraphKernel } from '@nearfield/engine/internals/distance/scalar-graph-kernel';
import { seededRandom } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const WALKER = 1024;
const QUERY = 2048;
const LARGEST_ROW_CODE = 127;

const kernels: Record<string, (memory: WebAssembly.Memory) => GraphKernel> = {
  scalarGraphKernel,
  simdKernel: (memory) => simdKernel(memory, 'plain'),
  ...(hasRelaxedSimd() && { relaxedSimdKernel: (memory: WebAssembly.Memory) => simdKernel(memory, 'relaxed') }),
};

/** Codes a query with a kernel: codes, scale, constant. `middles` and `scales` are as long as the query. */
function code(
  make: (typeof kernels)[string],
  query: number[],
  middles: number[],
  scales: number[],
  euclidean: boolean,
) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const lanes = Math.ceil(query.length / 4);
  const bytes = Math.ceil(lanes / 2) * 32;
  const floats = new Float32Array(memory.buffer);
  const members = new Uint32Array(memory.buffer, WALKER, WALKER_MEMBERS.length);
  const codesAt = QUERY + 3 * bytes;
  members[WALKER_MEMBERS.indexOf('query')] = QUERY;
  members[WALKER_MEMBERS.indexOf('codeQuery')] = codesAt;
  for (const [i, numbers] of [query, middles, scales].entries()) floats.set(numbers, (QUERY + i * bytes) / 4);
  make(memory).codeInt8Query(WALKER, lanes, QUERY + bytes, QUERY + 2 * bytes, euclidean ? 1 : 0);
  const scaleAt = WALKER / 4 + WALKER_MEMBERS.indexOf('productScale');
  const constantAt = WALKER / 4 + WALKER_MEMBERS.indexOf('constant');
  const codes = Array.from(new Int16Array(memory.buffer, codesAt, lanes * 4));
  return { codes, productScale: floats[scaleAt], constant: floats[constantAt] };
}

for (const [name, make] of Object.entries(kernels)) {
  t.test(`${name}: a query's codes stay within 32 bits whatever its numbers (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    const most = make(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })).fastestQueryCode();
    for (const dimensions of [1, 7, 100, 4096]) {
      for (const magnitude of [1e-20, 1, 1e16]) {
        for (const euclidean of [false, true]) {
          const query = Array.from({ length: dimensions }, () => Math.fround((random() - 0.5) * magnitude));
          const middles = query.map(() => Math.fround(0.1));
          const scales = query.map(() => Math.fround(0.01 + random()));
          const { codes, productScale, constant } = code(make, query, middles, scales, euclidean);
          const factors = query.map((value, d) => (euclidean ? value - middles[d] : value));
          const folded = factors.map((factor, d) => factor * scales[d]);
          const expected = factors.reduce((sum, factor, d) => sum + factor * (euclidean ? factor : middles[d]), 0);
          const scale = factors.reduce(
            (sum, factor, d) => sum + Math.abs(factor * (euclidean ? factor : middles[d])),
            0,
          );
          t.ok(Math.abs(constant - expected) <= 1e-6 * scale, `constant ${constant}, expected ${expected}`);
          const sum = codes.reduce((total, value) => total + Math.abs(value) * (LARGEST_ROW_CODE + 1), 0);
          t.ok(sum < 2 ** 31, `${sum}`);
          t.ok(codes.every((value) => Math.abs(value) <= most) || dimensions < 100);
          const off = Math.max(...folded.map((value, d) => Math.abs(value - codes[d] * productScale)));
          t.ok(off <= productScale * 0.51, 'each number is rounded once');
        }
      }
    }
  });

  t.test(`${name}: a query of zeros has codes of zeros`, async (t) => {
    const { codes, constant } = code(make, Array(8).fill(0), Array(8).fill(1), Array(8).fill(1), false);
    t.same([constant, ...codes], Array(9).fill(0));
  });
}

t.test('a query with a dimension that outweighs the others keeps 16 bits in every build', async (t) => {
  const query = Array.from({ length: 512 }, (_, d) => (d === 3 ? 1000 : 1));
  for (const make of Object.values(kernels)) {
    const { codes } = code(make, query, Array(512).fill(0), Array(512).fill(1), false);
    t.equal(codes[3], 32_767);
    t.equal(codes[4], 33);
  }
});
