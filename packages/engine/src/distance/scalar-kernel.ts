import type { Kernel } from './kernel.js';
import { TOP_K_HEADER_BYTES } from './top-k.js';

/** The scalar twin of the SIMD kernel: the same contract in plain TypeScript, in double precision. For tests and doubt. */
export function scalarKernel(memory: WebAssembly.Memory): Kernel {
  const floats = () => new Float32Array(memory.buffer);
  const words = () => new Uint32Array(memory.buffer);

  const dot = (a: number, b: number, lanes: number): number => dotOf(floats(), a >>> 2, b >>> 2, lanes * 4);
  const squaredEuclidean = (a: number, b: number, lanes: number): number =>
    squaredEuclideanOf(floats(), a >>> 2, b >>> 2, lanes * 4);

  const scan =
    (score: (a: number, b: number, lanes: number) => number) =>
    (
      query: number,
      vectors: number,
      owners: number,
      count: number,
      lanes: number,
      bitmap: number,
      heap: number,
    ): void => {
      const u = words();
      const f = floats();
      for (let i = 0; i < count; i++) {
        const record = u[(owners >>> 2) + i];
        if (bitmap !== 0 && ((u[(bitmap >>> 2) + (record >>> 5)] >>> (record & 31)) & 1) === 0) continue;
        offer(u, f, heap >>> 2, Math.fround(score(query, vectors + i * lanes * 16, lanes)), record);
      }
    };

  return {
    dot,
    squaredEuclidean,
    scanDot: scan(dot),
    scanEuclidean: scan((a, b, lanes) => -squaredEuclidean(a, b, lanes)),
  };
}

function dotOf(f: Float32Array, a: number, b: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += f[a + i] * f[b + i];
  return sum;
}

function squaredEuclideanOf(f: Float32Array, a: number, b: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (f[a + i] - f[b + i]) ** 2;
  return sum;
}

/** Replaces the worst entry by linear search: slow and plainly right. Any order of the entries satisfies the twin's suite. */
export function offer(u: Uint32Array, f: Float32Array, heap: number, score: number, record: number): void {
  const first = heap + TOP_K_HEADER_BYTES / 4;
  const [size, capacity] = [u[heap], u[heap + 1]];
  u[heap + 3]++;
  if (score <= f[heap + 4]) {
    f[heap + 2] = Math.max(f[heap + 2], score);
    return;
  }
  if (size < capacity) {
    f[first + 2 * size] = score;
    u[first + 2 * size + 1] = record;
    u[heap] = size + 1;
    return;
  }
  let worst = first;
  for (let i = 1; i < size; i++) if (f[first + 2 * i] < f[worst]) worst = first + 2 * i;
  if (capacity === 0 || score <= f[worst]) {
    f[heap + 2] = Math.max(f[heap + 2], score);
    return;
  }
  f[heap + 2] = Math.max(f[heap + 2], f[worst]);
  f[worst] = score;
  u[worst + 1] = record;
}
