// What is measured: bytes of vectors read per second by an exact scan of 512-dimensional rows (400 MB, far over any cache):
// by the kernel alone, and by the public search with ids only; against a plain SIMD sum of the same memory. Interleaved
// repetitions, medians. Run: npm run bench -- scan
import asc from 'assemblyscript/asc';
import { readFileSync } from 'node:fs';
import { simdKernel } from '@nearfield/engine/internals/distance/kernel';
import { resetTopK, topKBytes } from '@nearfield/engine/internals/distance/top-k';
import { VectorMemory } from '@nearfield/engine/internals/indexes/flat/vector-memory';
import { open } from '@nearfield/engine';

export const description = 'exact scan of 512-d rows: bytes per second over a plain SIMD sum of the same memory';

const ROWS = 200_000;
const DIMENSIONS = 512;
const REPETITIONS = 15;

export async function run() {
  const memory = fill();
  const kernel = simdKernel(memory.memory);
  const { sum } = await compileSum(memory.memory);
  const bytes = ROWS * memory.stride;
  const at = memory.scratch(memory.stride + topKBytes(10));
  new Float32Array(memory.memory.buffer, at, DIMENSIONS).fill(0.5);
  const heap = at + memory.stride;
  const bound = [];
  const scans = [];
  for (let i = 0; i < REPETITIONS; i++) {
    bound.push(time(() => memory.blocks.forEach((b) => sum(b.vectors, b.count * memory.stride))));
    resetTopK(memory.memory.buffer, heap, 10);
    scans.push(
      time(() =>
        memory.blocks.forEach((b) => kernel.scanDot(at, b.vectors, b.owners, b.count, memory.stride / 16, 0, heap)),
      ),
    );
  }
  const search = await publicSearch();
  return [
    row('plain SIMD sum', bytes, bound, bound),
    row('kernel scanDot', bytes, scans, bound),
    row('public search, ids only', bytes, search, bound),
  ];
}

function fill() {
  const memory = new VectorMemory(DIMENSIONS);
  memory.reserve(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const block = memory.tail();
    const vector = new Float32Array(memory.memory.buffer, block.vectors + block.count * memory.stride, DIMENSIONS);
    vector.set(rowVector(row));
    new Uint32Array(memory.memory.buffer, block.owners, block.count + 1)[block.count] = row;
    block.count++;
  }
  return memory;
}

/** A pseudo-random vector that depends on the row alone. */
function rowVector(row) {
  let state = (row + 1) * 2654435761;
  return Float32Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

async function publicSearch() {
  const db = await open(':memory:');
  const collection = await db.collection('rows', { vectors: { v: { dimensions: DIMENSIONS, metric: 'dot' } } });
  for (let row = 0; row < ROWS; row += 2000) {
    await collection.upsert(
      Array.from({ length: 2000 }, (_, i) => ({ id: row + i, vectors: { v: rowVector(row + i) } })),
    );
  }
  const query = { near: { vector: 'v', value: rowVector(ROWS) }, select: [] };
  const times = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const started = performance.now();
    await collection.search(query);
    times.push(performance.now() - started);
  }
  await db.close();
  return times;
}

async function compileSum(memory) {
  const source = readFileSync(new URL('../assembly/sum.ts', import.meta.url), 'utf8');
  let binary;
  const { error, stderr } = await asc.main(
    'sum.ts --runtime stub -O3 --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --enable simd,threads --outFile sum.wasm'.split(
      ' ',
    ),
    {
      readFile: (name) => (name === 'sum.ts' ? source : null),
      writeFile: (name, data) => void (name === 'sum.wasm' && (binary = data)),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(stderr.toString(), { cause: error });
  return new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } }).exports;
}

function time(work) {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function row(what, bytes, times, bound) {
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const rate = (values) => bytes / median(values) / 1e6;
  return {
    what,
    'GB/s': Number(rate(times).toFixed(1)),
    'over the sum': Number((rate(times) / rate(bound)).toFixed(2)),
    'median ms': Number(median(times).toFixed(2)),
    'min ms': Number(Math.min(...times).toFixed(2)),
    'max ms': Number(Math.max(...times).toFixed(2)),
  };
}
